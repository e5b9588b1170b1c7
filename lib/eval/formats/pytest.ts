// Owns how pytest's output is read: ruled and quiet summaries, verbose, parallel and short-summary lines.
import { readShort, readVerbose } from "./pytest-names.ts";
import {
  type Counts,
  NO_TESTS,
  type Reader,
  type Run,
  readParts,
  sumOf,
  type TestStatus,
  tally,
  totalOf,
} from "./types.ts";

const HEADER = /^=+ test session starts (?:\([^()]*\) )?=+$/;
const RULED = /^(=+) (.+) (=+)$/;
const TIMED = /^(.+) in \d+(?:\.\d+)?(?:s| seconds)(?: \([^()]*\))?$/;
const EMPTY = /^no tests (?:ran|collected)$/;
const PROGRESS = /^(?:\S+ )?([.FEsxXR]+) +\[ *\d+%\]$/;

const DOTS: Record<string, TestStatus> = {
  ".": "passed",
  X: "passed",
  F: "failed",
  E: "error",
  s: "skipped",
  x: "skipped",
};
const SECTIONS: Record<string, Session["section"]> = {
  ERRORS: "report",
  FAILURES: "report",
  PASSES: "report",
  "warnings summary": "report",
  "short test summary info": "short",
};

type Summary = { readonly counts: Counts; readonly line: number; readonly quiet: boolean };
type Session = {
  readonly first_line: number;
  readonly headed: boolean;
  /** Columns of the ruled lines; 0 while none was seen. A ruled line of another width is not pytest's. */
  width: number;
  /** Sessions inside captured output (a plugin's own tests) open and close inside this one. */
  depth: number;
  section: "tests" | "report" | "short";
  proven: boolean;
  readonly tests: Map<string, TestStatus>;
  dots: Counts;
  open_name: string;
  summary?: Summary;
};

/**
 * A session starts at its header, or in `-q` at its first progress line or report section, and its
 * summary is the last summary-shaped line before the next session starts: what a test prints while it
 * is reported comes earlier. Ruled summaries must have the width of the session's other ruled lines.
 */
export class PytestReader implements Reader {
  readonly #sessions: Session[] = [];
  #lastFilled = 0;

  line(text: string, number: number): void {
    if (text === "") return;
    this.#lastFilled = number;
    if (text.startsWith("=")) this.#ruled(text, number);
    else if (isQuietStart(text)) this.#quiet(text, number);
    else if (text.endsWith("%]") && PROGRESS.test(text)) this.#progress(text, number);
    else this.#named(text);
  }

  end(): Run[] {
    return this.#sessions.map((session) => this.#run(session)).filter((run) => run !== undefined);
  }

  #start(first_line: number, width: number): Session {
    const session: Session = {
      first_line,
      headed: width > 0,
      width,
      depth: 1,
      section: "tests",
      proven: width > 0,
      tests: new Map(),
      dots: NO_TESTS,
      open_name: "",
    };
    this.#sessions.push(session);
    return session;
  }

  #ruled(text: string, number: number): void {
    const current = this.#sessions.at(-1);
    if (HEADER.test(text)) {
      const captured = current && !current.summary && current.section === "report";
      if (captured) current.depth++;
      else this.#start(number, text.length);
      return;
    }
    const [, , title = ""] = RULED.exec(text) ?? [];
    const section = Object.hasOwn(SECTIONS, title) ? SECTIONS[title] : undefined;
    if (section) this.#section(section, text, number);
    const counts = summaryOf(title);
    if (counts) this.#ruledSummary(text, { counts, line: number, quiet: false });
  }

  #section(section: Session["section"], text: string, number: number): void {
    const current = this.#sessions.at(-1);
    const begins = !current || (current.summary !== undefined && /FAILURES|ERRORS/.test(text));
    const session = begins ? this.#start(number, 0) : current;
    if (session.depth > 1) return;
    session.section = section;
    session.proven = true;
    session.width ||= text.length;
  }

  #ruledSummary(text: string, summary: Summary): void {
    const session = this.#sessions.at(-1) ?? this.#start(summary.line, 0);
    if (!fits(text, session.width)) return;
    if (session.depth > 1) session.depth--;
    else session.summary = summary;
  }

  #quiet(text: string, number: number): void {
    const counts = summaryOf(text);
    if (!counts) return;
    const session = this.#sessions.at(-1) ?? this.#start(number, 0);
    if (!session.headed) session.summary = { counts, line: number, quiet: true };
  }

  #progress(text: string, number: number): void {
    const current = this.#sessions.at(-1);
    const session = !current || current.summary ? this.#start(number, 0) : current;
    session.proven = true;
    const [, dots = ""] = PROGRESS.exec(text) ?? [];
    const counts = { ...session.dots };
    for (const dot of dots) {
      const status = DOTS[dot];
      if (status) counts[status === "error" ? "errors" : status]++;
    }
    session.dots = counts;
  }

  #named(text: string): void {
    const session = this.#sessions.at(-1);
    if (!session || session.summary || session.depth > 1) return;
    if (session.section === "short") readShort(session, text);
    else if (session.section === "tests" && session.headed) readVerbose(session, text);
  }

  #run(session: Session): Run | undefined {
    const tests = [...session.tests].map(([name, status]) => ({ name, status }));
    const { first_line, summary } = session;
    const base = { framework: "pytest", first_line, tests } as const;
    if (!summary) {
      const named = tally(tests);
      const counts = totalOf(named) < totalOf(session.dots) ? session.dots : named;
      if (totalOf(counts) === 0) return undefined;
      return { ...base, certainty: "partial", last_line: this.#lastFilled, counts };
    }
    // Without anything of pytest around it, a quiet summary counts only as the last word of the output.
    if (!session.proven && summary.quiet && summary.line !== this.#lastFilled) return undefined;
    const certainty = session.proven ? "whole" : "bare";
    return { ...base, certainty, last_line: summary.line, counts: summary.counts };
  }
}

function isQuietStart(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code >= 48 && code <= 57) || text.startsWith("no tests ");
}

/** pytest centres its titles; one too long for the width keeps a single `=` on each side. */
function fits(text: string, width: number): boolean {
  if (width === 0) {
    const [, left = "", , right = ""] = RULED.exec(text) ?? [];
    return Math.abs(left.length - right.length) <= 1;
  }
  return text.length === width || (text.length > width && /^= .* =$/.test(text));
}

function summaryOf(title: string): Counts | undefined {
  const [, list] = TIMED.exec(title) ?? [];
  if (list === undefined) return undefined;
  if (EMPTY.test(list)) return NO_TESTS;
  const parts = readParts(list, ", ");
  return (
    parts && {
      passed: sumOf(parts, "passed", "xpassed"),
      failed: sumOf(parts, "failed", "subtests failed"),
      skipped: sumOf(parts, "skipped", "xfailed"),
      errors: sumOf(parts, "error", "errors"),
    }
  );
}
