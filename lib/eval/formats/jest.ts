// Owns how Jest's output is read.
import {
  type Counts,
  type NamedTest,
  type Reader,
  type Run,
  readParts,
  sumOf,
  type TestStatus,
  tally,
} from "./types.ts";

const FILE = /^ ?(?:PASS|FAIL) {1,2}\S/;
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

/**
 * The summary is the `Tests:` line right behind `Test Suites:`, its parts in any order, when they add
 * up to its total. Suites that could not run are errors. Test names are read in the block under a
 * `PASS` or `FAIL` line, which a blank line ends.
 */
export class JestReader implements Reader {
  readonly #runs: Run[] = [];
  #tests: NamedTest[] = [];
  #suites: { readonly line: number; readonly failed: number } | undefined;
  #broken = 0;
  #listing = false;
  #firstLine = -1;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text === "") this.#listing = false;
    else if (FILE.test(text)) this.#begin(number);
    else if (text.startsWith("Test Suites:")) this.#readSuites(text, number);
    else if (text.startsWith("Tests:")) this.#summary(text, number);
    else if (text.endsWith(BROKEN) && text.trimStart().startsWith("●")) this.#broken++;
    else if (this.#listing) this.#result(text);
  }

  end(): Run[] {
    if (this.#tests.length > 0) this.#push("partial", tally(this.#tests));
    return this.#runs;
  }

  #begin(number: number): void {
    this.#listing = true;
    if (this.#firstLine === -1) this.#firstLine = number;
  }

  #readSuites(text: string, number: number): void {
    const list = SUITES.exec(text)?.[1];
    const parts =
      list === undefined ? undefined : readParts(list.replace(/\d+ of (?=\d+ total$)/, ""), ", ");
    this.#suites = parts && { line: number, failed: sumOf(parts, "failed") };
  }

  #summary(text: string, number: number): void {
    const list = TESTS.exec(text)?.[1];
    const parts = list === undefined ? undefined : readParts(list, ", ");
    if (!parts || this.#suites?.line !== number - 1) return;
    const passed = sumOf(parts, "passed");
    const failed = sumOf(parts, "failed");
    const skipped = sumOf(parts, "skipped", "pending", "todo");
    if (passed + failed + skipped !== parts.get("total")) return;
    if (this.#firstLine === -1) this.#firstLine = this.#suites.line;
    // Jest prints a failure twice when there are many; a suite breaks once.
    const errors = Math.min(this.#broken, this.#suites.failed);
    this.#push("whole", { passed, failed, skipped, errors });
  }

  #result(text: string): void {
    const [, mark = "", label = ""] = RESULT.exec(text) ?? [];
    const status = STATUSES[mark];
    if (!status) return;
    // A skipped test stands there as `○ skipped name`, and has no duration.
    const extra = status === "skipped" ? /^(?:skipped|todo) / : DURATION;
    this.#tests.push({ name: label.replace(extra, ""), status });
  }

  #push(certainty: Run["certainty"], counts: Counts): void {
    const place = { first_line: this.#firstLine, last_line: this.#number };
    this.#runs.push({ framework: "jest", certainty, ...place, counts, tests: this.#tests });
    this.#tests = [];
    this.#broken = 0;
    this.#listing = false;
    this.#firstLine = -1;
  }
}
