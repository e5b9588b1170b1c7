// Owns how pytest's output is read: ruled, quiet and listed summaries, verbose, parallel and short-summary lines.
import { readDots, readShort, readVerbose } from "./pytest-names.ts";
import { type Listed, readListed, summaryOf } from "./pytest-summary.ts";
import { type Session as Kept, type Reading, Sessions } from "./sessions.ts";
import {
  addCounts,
  type Counts,
  type Format,
  NO_TESTS,
  type Reader,
  type Run,
  type TestStatus,
  tally,
  totalOf,
} from "./types.ts";

/** Also after what a session that died left on its line. */
const HEADER = /=+ test session starts (?:\([^()]*\) )?=+$|^Test session starts \(platform: .*\)$/;
/** What pytest itself prints behind its header. */
const BEHIND_HEADER =
  /^(?:platform |rootdir: |cachedir: |plugins: |configfile: |collect(?:ed|ing) )/;
const RULED = /^(=+) (.+) (=+)$/;
const CAPTURED = /^-+ Captured \w+ (?:setup|call|teardown) -+$/;
/** What `pytest.exit(…, 0)` leaves behind the summary: the tests that were to come were never run. */
const LEFT = /^!{3,} (?:_pytest\.outcomes\.|outcomes\.)?Exit: .* !{3,}$/;
const LISTED = /^Results \(\d+(?:\.\d+)?s(?: \([^()]*\))?\):$/;

const SECTIONS: Record<string, State["section"]> = {
  ERRORS: "report",
  FAILURES: "report",
  PASSES: "report",
  "warnings summary": "report",
  "short test summary info": "short",
};

type State = {
  /** Sessions inside captured output (a plugin's own tests) open and close inside this one. */
  depth: number;
  section: "tests" | "report" | "short";
  /** A header, a report section or a progress line announced it. */
  proven: boolean;
  /** pytest's own lines stand behind its header. */
  framed: boolean;
  readonly tests: Map<string, TestStatus>;
  dots: Counts;
  open_name: string;
  quiet: boolean;
  /** Ended by a test before its other tests were run. */
  left: boolean;
  /** A summary that seemed to close a captured session. */
  inner: { readonly counts: Counts; readonly line: number } | undefined;
};
type Session = Kept<State>;

/**
 * A session starts at its header, or in `-q` at its first progress line or report section, and its summary is the last
 * line shaped like one before the next session starts. Nothing is proved by a line's width: a test can change it.
 * Behind the head of a report, what tests printed is printed again; a header counts there only for its own summary.
 */
class PytestReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #lastFilled = 0;
  #lastNumber = 0;
  /** A header inside a report, about which nothing is known yet. */
  #captured = false;
  #list: { readonly parts: Map<string, number>; readonly session: Listed } | undefined;

  line(text: string, number: number): void {
    this.#lastNumber = number;
    if (text === "") return;
    if (text.startsWith("!!!") && LEFT.test(text)) this.#leave();
    this.#lastFilled = number;
    this.#frame(text);
    if (this.#list && readListed(this.#list, text, number)) return;
    this.#list = undefined;
    if (text.includes("est session starts") && HEADER.test(text)) this.#header(number);
    else if (text.startsWith("=")) this.#ruled(text, number);
    else if (isQuietStart(text)) this.#quiet(text, number);
    else if (text.endsWith("%]")) this.#progress(text, number);
    else if (text.startsWith("Results ") && LISTED.test(text)) this.#listed(number);
    else if (text.startsWith("-") && CAPTURED.test(text)) this.#goOn(this.#sessions.last);
    else this.#named(text);
  }

  end(): Run[] {
    return this.#sessions.runs(this.#lastNumber, (session) => this.#read(session));
  }

  #start(number: number, announced: string | undefined): Session {
    return this.#sessions.begin(number, announced, {
      ...{ depth: 1, section: "tests", framed: false, dots: NO_TESTS, open_name: "", quiet: false },
      ...{ proven: announced !== undefined, tests: new Map(), inner: undefined, left: false },
    });
  }

  /** What a summary or a progress line belongs to; nothing goes on in a session that was left. */
  get #going(): Session | undefined {
    const { last } = this.#sessions;
    return last?.left ? undefined : last;
  }

  /** Only right behind the summary: anywhere else a test printed it. */
  #leave(): void {
    const session = this.#sessions.last;
    if (!session || session.summary?.line !== this.#lastFilled) return;
    session.summary = undefined;
    session.announced ??= "";
    session.left = true;
  }

  #frame(text: string): void {
    const session = this.#sessions.last;
    if (!session || !BEHIND_HEADER.test(text)) return;
    if (this.#captured) session.depth++;
    else session.framed = true;
    this.#captured = false;
  }

  #header(number: number): void {
    const current = this.#sessions.open;
    this.#captured = current !== undefined && current.section === "report";
    if (!this.#captured) this.#start(number, "");
  }

  #ruled(text: string, number: number): void {
    this.#captured = false;
    const [, left = "", title = "", right = ""] = RULED.exec(text) ?? [];
    const section = Object.hasOwn(SECTIONS, title) ? SECTIONS[title] : undefined;
    if (section) this.#section(section, title, number);
    const counts = summaryOf(title);
    const balanced = Math.abs(left.length - right.length) <= 1;
    if (counts && (balanced || this.#sessions.last?.proven)) this.#summary(counts, number);
  }

  #section(section: State["section"], title: string, number: number): void {
    const current = this.#going;
    const begins = !current || (current.summary && /FAILURES|ERRORS/.test(title));
    const session = begins ? this.#start(number, undefined) : current;
    if (session.depth > 1) return;
    this.#goOn(session);
    session.section = section;
    session.proven = true;
  }

  /** More of the report follows: the apparent summary was printed by a test. */
  #goOn(session: Session | undefined): void {
    if (session?.depth === 1) session.summary = undefined;
  }

  #summary(counts: Counts, line: number): void {
    const session = this.#going ?? this.#start(line, undefined);
    session.quiet = false;
    if (session.depth === 1) this.#sessions.conclude(counts, line);
    else {
      session.depth--;
      session.inner = { counts, line };
    }
  }

  #quiet(text: string, number: number): void {
    const counts = summaryOf(text);
    if (!counts) return;
    const session = this.#going ?? this.#start(number, undefined);
    // Behind a header of its own pytest is not quiet: a test printed the line, or the header.
    if (session.framed) return;
    session.quiet = true;
    this.#sessions.conclude(counts, number);
  }

  #listed(number: number): void {
    const session = this.#going ?? this.#start(number, undefined);
    const captured = session.depth > 1;
    if (captured) session.depth--;
    else session.quiet = false;
    this.#list = { parts: new Map(), session: captured ? { summary: undefined } : session };
  }

  #progress(text: string, number: number): void {
    const dots = readDots(text);
    if (!dots) {
      this.#named(text);
      return;
    }
    const current = this.#going;
    // A file's name stands before the dots of a session with a header, so a summary before it was a test's.
    const goesOn = current && (!current.summary || (current.framed && !/^[.FEsxXR]/.test(text)));
    const session = goesOn ? current : this.#start(number, undefined);
    session.proven = true;
    session.dots = addCounts(session.dots, dots);
  }

  #named(text: string): void {
    const session = this.#sessions.last;
    if (!session || session.depth > 1) return;
    if (session.section === "short" && !session.summary) readShort(session, text);
    if (session.section === "tests" && session.announced !== undefined) readVerbose(session, text);
  }

  #read(session: Session): Reading | undefined {
    const tests = [...session.tests].map(([name, status]) => ({ name, status }));
    // One that was captured without its end leaves the outer one's summary to it.
    if (!session.summary && session.inner) session.summary = session.inner;
    if (session.summary) {
      // Without anything of pytest around it, a quiet summary counts only as the last word of the output.
      const lone = !session.proven && session.quiet;
      if (lone && session.summary.line !== this.#lastFilled) return undefined;
      return { tests, partial: NO_TESTS, certainty: session.proven ? "whole" : "bare" };
    }
    const named = tally(tests);
    const partial = totalOf(named) < totalOf(session.dots) ? session.dots : named;
    if (totalOf(partial) === 0 && session.announced === undefined) return undefined;
    return { tests, partial };
  }
}

function isQuietStart(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code >= 48 && code <= 57) || text.startsWith("no tests ");
}

export const pytest: Format = { name: "pytest", read: () => new PytestReader() };
