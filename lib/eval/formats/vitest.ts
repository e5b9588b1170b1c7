// Owns how Vitest's output is read.
import { type Session, Sessions } from "./sessions.ts";
import {
  type Counts,
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

const HEADER = /^ (?:RUN|DEV) {1,2}v\d+\.\d/;
const FILES = /^ *Test Files {2}.*\(\d+\)$/;
const TESTS = /^ *Tests {2}(?:no tests|(\d.*) \((\d{1,9})\))$/;
const ERRORS = /^ *Errors {2}(\d{1,9}) errors?$/;
const FAILED_SUITES = /^⎯+ Failed Suites (\d{1,9}) ⎯+$/;
/** Nothing to run is an end as well. */
const NOTHING = /^No test(?: suite)? files? found, exiting with code \d/;
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

type State = { readonly tests: NamedTest[]; broken: number };

/**
 * A run begins with ` RUN  v…`. Its summary is the last `Tests` line right behind `Test Files` before the next run, when
 * its parts add up to the number in parentheses. An expected failure (`test.fails`) passes, as in Vitest's own JSON.
 * Suites that could not load and unhandled errors are errors.
 */
class VitestReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #files = -2;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    const first = text.charCodeAt(0);
    if (text.startsWith("⎯")) this.#suites(text);
    else if (text.startsWith("No test") && NOTHING.test(text)) this.#nothing(number);
    else if (first !== 32) return;
    else if (HEADER.test(text)) this.#begin(number, "");
    else if (FILES.test(text)) this.#files = number;
    else if (this.#files === number - 1) this.#summary(text);
    else if (ERRORS.test(text)) this.#unhandled(text);
    else this.#result(text);
  }

  end(): Run[] {
    return this.#sessions.runs(this.#number, ({ tests, announced }) => ({
      ...{ tests, partial: tally(tests), certainty: announced === undefined ? "bare" : "whole" },
    }));
  }

  #begin(number: number, announced: string | undefined): Session<State> {
    return this.#sessions.begin(number, announced, { tests: [], broken: 0 });
  }

  #suites(text: string): void {
    const session = this.#sessions.last;
    if (session) session.broken += Number(FAILED_SUITES.exec(text)?.[1] ?? 0);
  }

  #nothing(number: number): void {
    if (this.#sessions.open) this.#sessions.conclude(NO_TESTS, number);
  }

  #summary(text: string): void {
    const match = TESTS.exec(text);
    const counts = match && readTests(match[1], Number(match[2] ?? 0));
    if (!counts) return;
    const session = this.#sessions.last ?? this.#begin(this.#files, undefined);
    this.#sessions.conclude({ ...counts, errors: session.broken }, this.#number);
  }

  /** `Errors  1 error` stands two or three lines behind the summary that it belongs to. */
  #unhandled(text: string): void {
    const { summary } = this.#sessions.last ?? {};
    if (!summary || this.#number - summary.line > 3) return;
    const errors = summary.counts.errors + Number(ERRORS.exec(text)?.[1] ?? 0);
    this.#sessions.conclude({ ...summary.counts, errors }, summary.line);
  }

  #result(text: string): void {
    const session = this.#sessions.last;
    if (session?.announced === undefined) return;
    const [, mark = "", label = ""] = RESULT.exec(text) ?? [];
    const status = STATUSES[mark];
    if (!status || FILE_TAIL.test(label)) return;
    nameTest(session.tests, { name: label.replace(DURATION, ""), status });
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

export const vitest: Format = { name: "vitest", read: () => new VitestReader() };
