// Owns how Jest's output is read.
import { type Session, Sessions } from "./sessions.ts";
import {
  type Format,
  type NamedTest,
  NO_TESTS,
  nameTest,
  type Reader,
  type Run,
  readParts,
  sumOf,
  type TestStatus,
  tally,
} from "./types.ts";

const FILE = /^ ?(?:PASS|FAIL) {1,2}\S/;
/** Any program's text may follow PASS; a file of tests has a name like this. */
const SCRIPT = /^ ?(?:PASS|FAIL) {1,2}(?:\S+ )?(\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?$/;
const EXITED = /^ +● {1,2}process\.exit called with /;
const NOTHING = /^No tests found, exiting with code \d/;
const SUITES = /^Test Suites: +(\d.*total)$/;
const TESTS = /^Tests: +(\d.*total)$/;
const RESULT = /^ {2,}([✓✕○✎√×]) (.+)$/;
const DURATION = / \([\d.]+ m?s\)$/;
const BROKEN = "Test suite failed to run";
const STATUSES: Record<string, TestStatus> = {
  "✓": "passed",
  "√": "passed",
  "✕": "failed",
  "×": "failed",
  "○": "skipped",
  "✎": "skipped",
};

type State = {
  readonly tests: NamedTest[];
  /** `PASS` and `FAIL` lines. */
  files: number;
  /** Suites that could not run. */
  broken: number;
};

/**
 * A run begins with its first `PASS` or `FAIL` line. Its summary is the `Tests:` line right behind `Test Suites:`, its
 * parts in any order, when they add up to its total; one that reports fewer suites than the next one needs was printed
 * by a test. Suites that could not run are errors. Test names are read in the block under a `PASS` or `FAIL` line,
 * which a blank line ends. Whatever looked like a summary before `process.exit called with` was not one.
 */
class JestReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #suites: { readonly line: number; readonly failed: number; readonly ran: number } | undefined;
  #listing = false;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text === "") this.#listing = false;
    else if (FILE.test(text)) this.#file(text);
    else if (text.startsWith("Test Suites:")) this.#readSuites(text, number);
    else if (text.startsWith("Tests:")) this.#summary(text, number);
    else if (text.endsWith(BROKEN) && text.trimStart().startsWith("●")) this.#current().broken++;
    else if (text.includes("process.exit called") && EXITED.test(text)) this.#exited();
    else if (text.startsWith("No tests") && NOTHING.test(text)) this.#nothing(number);
    else if (this.#listing) this.#result(text);
  }

  end(): Run[] {
    return this.#sessions.runs(this.#number, ({ tests, files, announced, summary }) => {
      if (!summary && tests.length === 0 && announced === undefined) return undefined;
      return { tests, partial: tally(tests), certainty: files === 0 ? "bare" : "whole" };
    });
  }

  #current(): Session<State> {
    const state = { tests: [], files: 0, broken: 0 };
    return this.#sessions.open ?? this.#sessions.begin(this.#number, undefined, state);
  }

  #file(text: string): void {
    this.#listing = true;
    const session = this.#current();
    session.files++;
    session.announced ??= SCRIPT.exec(text)?.[1];
  }

  #readSuites(text: string, number: number): void {
    const list = SUITES.exec(text)?.[1] ?? "";
    const parts = readParts(list.replace(/\d+ of (?=\d+ total$)/, ""), ", ");
    const ran = Number(/(\d+)(?: of \d+)? total$/.exec(list)?.[1] ?? 0);
    this.#suites = parts && { line: number, failed: sumOf(parts, "failed"), ran };
  }

  #summary(text: string, number: number): void {
    const list = TESTS.exec(text)?.[1];
    const parts = list === undefined ? undefined : readParts(list, ", ");
    if (!parts || this.#suites?.line !== number - 1) return;
    const passed = sumOf(parts, "passed");
    const failed = sumOf(parts, "failed");
    const skipped = sumOf(parts, "skipped", "pending", "todo");
    if (passed + failed + skipped !== parts.get("total")) return;
    const session = this.#owner(this.#suites.ran);
    // Jest prints a failure twice when there are many; a suite breaks once.
    const errors = Math.min(session.broken, this.#suites.failed);
    this.#sessions.conclude({ passed, failed, skipped, errors }, number);
  }

  /** The session of a summary that reports this many suites: with the one before, when its summary was a test's. */
  #owner(ran: number): Session<State> {
    const last = this.#current();
    const before = this.#sessions.all.at(-2);
    if (!before || last.files >= ran || before.files + last.files < ran) return last;
    before.files += last.files;
    before.broken += last.broken;
    for (const test of last.tests) nameTest(before.tests, test);
    this.#sessions.dropBehind(before);
    return before;
  }

  #exited(): void {
    const session = this.#sessions.last;
    if (session) session.summary = undefined;
  }

  #nothing(number: number): void {
    if (this.#sessions.open) this.#sessions.conclude(NO_TESTS, number);
  }

  #result(text: string): void {
    const [, mark = "", label = ""] = RESULT.exec(text) ?? [];
    const status = STATUSES[mark];
    if (!status) return;
    // A skipped test stands there as `○ skipped name`, and has no duration.
    const extra = status === "skipped" ? /^(?:skipped|todo) / : DURATION;
    nameTest(this.#current().tests, { name: label.replace(extra, ""), status });
  }
}

export const jest: Format = { name: "jest", read: () => new JestReader() };
