// Owns how Vitest's output is read.
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

const HEADER = /^ (?:RUN|DEV) {1,2}v\d+\.\d/;
const FILES = /^ *Test Files {2}.*\(\d+\)$/;
const TESTS = /^ *Tests {2}(?:no tests|(\d.*) \((\d{1,9})\))$/;
const ERRORS = /^ *Errors {2}(\d{1,9}) errors?$/;
const FAILED_SUITES = /^⎯+ Failed Suites (\d{1,9}) ⎯+$/;
const RESULT = /^ +([✓✔×✖❯↓□]) (.+)$/;
const FILE_TAIL = /\(\d+ tests?(?: \| [^()]*)?\)(?: \d+m?s)?$/;
const DURATION = / +\d+m?s$/;
const STATUSES: Record<string, TestStatus> = {
  "✓": "passed",
  "✔": "passed",
  "×": "failed",
  "✖": "failed",
  "↓": "skipped",
  "□": "skipped",
};

/**
 * The summary is the `Tests` line right behind `Test Files`, when its parts add up to the number in
 * parentheses. An expected failure (`test.fails`) passes, as in Vitest's own JSON. Suites that could
 * not load and unhandled errors are errors.
 */
export class VitestReader implements Reader {
  readonly #runs: Run[] = [];
  #tests: NamedTest[] = [];
  #firstLine = -1;
  #files = -2;
  #broken = 0;
  #running = false;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    const first = text.charCodeAt(0);
    if (text.startsWith("⎯")) this.#suites(text);
    else if (first !== 32) return;
    else if (HEADER.test(text)) this.#begin(number);
    else if (FILES.test(text)) this.#files = number;
    else if (this.#files === number - 1) this.#summary(text);
    else if (ERRORS.test(text)) this.#unhandled(text);
    else if (this.#running) this.#result(text);
  }

  end(): Run[] {
    if (this.#tests.length > 0) this.#push("partial", tally(this.#tests));
    return this.#runs;
  }

  #begin(number: number): void {
    if (this.#tests.length > 0) this.#push("partial", tally(this.#tests));
    this.#firstLine = number;
    this.#running = true;
  }

  #suites(text: string): void {
    this.#broken += Number(FAILED_SUITES.exec(text)?.[1] ?? 0);
  }

  #summary(text: string): void {
    const match = TESTS.exec(text);
    const counts = match && readTests(match[1], Number(match[2] ?? 0));
    if (!counts) return;
    const certainty = this.#firstLine === -1 ? "bare" : "whole";
    if (this.#firstLine === -1) this.#firstLine = this.#files;
    this.#push(certainty, { ...counts, errors: this.#broken });
  }

  /** `Errors  1 error` stands two or three lines behind the summary that it belongs to. */
  #unhandled(text: string): void {
    const run = this.#runs.at(-1);
    if (!run || this.#number - run.last_line > 3) return;
    const errors = run.counts.errors + Number(ERRORS.exec(text)?.[1] ?? 0);
    this.#runs[this.#runs.length - 1] = { ...run, counts: { ...run.counts, errors } };
  }

  #result(text: string): void {
    const [, mark = "", label = ""] = RESULT.exec(text) ?? [];
    const status = STATUSES[mark];
    if (!status || FILE_TAIL.test(label)) return;
    this.#tests.push({ name: label.replace(DURATION, ""), status });
  }

  #push(certainty: Run["certainty"], counts: Counts): void {
    const place = { first_line: this.#firstLine, last_line: this.#number };
    this.#runs.push({ framework: "vitest", certainty, ...place, counts, tests: this.#tests });
    this.#tests = [];
    this.#broken = 0;
    this.#running = false;
    this.#firstLine = -1;
  }
}

function readTests(list: string | undefined, total: number): Counts | undefined {
  if (list === undefined) return { passed: 0, failed: 0, skipped: 0, errors: 0 };
  const parts = readParts(list, " | ");
  if (!parts) return undefined;
  const passed = sumOf(parts, "passed", "expected fail");
  const failed = sumOf(parts, "failed");
  const skipped = sumOf(parts, "skipped", "todo");
  return passed + failed + skipped === total ? { passed, failed, skipped, errors: 0 } : undefined;
}
