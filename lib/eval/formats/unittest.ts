// Owns how the output of Python's unittest is read.
import {
  type Counts,
  type NamedTest,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const RULE = /^-{70}$/;
const RAN = /^Ran (\d{1,9}) tests? in \d+\.\d{3}s$/;
const VERDICT =
  /^(?:OK|FAILED|NO TESTS RAN)(?: \(([a-z]+(?: [a-z]+)?=\d{1,9}(?:, [a-z]+(?: [a-z]+)?=\d{1,9})*)\))?$/;
const TITLE = /^\w+ \([\w.]+\)/;
const RESULT = / \.\.\. (ok|FAIL|ERROR|skipped .*|expected failure|unexpected success)$/;
const STATUSES: Record<string, TestStatus> = {
  ok: "passed",
  FAIL: "failed",
  ERROR: "error",
  "expected failure": "skipped",
  "unexpected success": "failed",
};

/**
 * The summary is three lines in a row: `Ran N tests in 0.001s`, a blank one, and the verdict. It is
 * whole when the rule of dashes stands before it. Passed = N − failures − errors − skipped − expected
 * failures − unexpected successes, never below 0: every failed subtest counts as a failure of its own.
 */
export class UnittestReader implements Reader {
  readonly #runs: Run[] = [];
  #tests: NamedTest[] = [];
  #title = "";
  #firstLine = -1;
  #ruled = -2;
  #ran: { readonly count: number; readonly line: number; readonly whole: boolean } | undefined;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text === "") return;
    const ran = RAN.exec(text);
    if (ran) {
      this.#ran = { count: Number(ran[1]), line: number, whole: this.#ruled === number - 1 };
      return;
    }
    const before = this.#ran;
    this.#ran = undefined;
    if (before) this.#verdict(text, before);
    if (RULE.test(text)) this.#ruled = number;
    else this.#result(text, number);
  }

  end(): Run[] {
    if (this.#tests.length === 0) return this.#runs;
    const counts = tally(this.#tests);
    return [...this.#runs, this.#run({ certainty: "partial", last_line: this.#number, counts })];
  }

  #verdict(text: string, ran: { count: number; line: number; whole: boolean }): void {
    const match = VERDICT.exec(text);
    if (!match || this.#number !== ran.line + 2) return;
    this.#firstLine = this.#firstLine === -1 ? ran.line : this.#firstLine;
    const counts = countsOf(ran.count, match[1] ?? "");
    const certainty = ran.whole ? "whole" : "bare";
    this.#runs.push(this.#run({ certainty, last_line: this.#number, counts }));
    this.#tests = [];
    this.#firstLine = -1;
  }

  #result(text: string, number: number): void {
    const title = TITLE.exec(text)?.[0];
    if (title !== undefined) {
      this.#title = title;
      if (this.#firstLine === -1) this.#firstLine = number;
    }
    if (this.#title === "") return;
    const word = RESULT.exec(text)?.[1];
    if (word === undefined) return;
    this.#tests.push({ name: this.#title, status: STATUSES[word] ?? "skipped" });
    this.#title = "";
  }

  #run(part: Pick<Run, "certainty" | "last_line" | "counts">): Run {
    return { framework: "unittest", first_line: this.#firstLine, tests: this.#tests, ...part };
  }
}

function countsOf(ran: number, list: string): Counts {
  const parts = new Map<string, number>();
  for (const part of list.split(", ")) {
    const [word = "", amount = "0"] = part.split("=");
    parts.set(word, Number(amount));
  }
  const of = (word: string) => parts.get(word) ?? 0;
  const failed = of("failures") + of("unexpected successes");
  const skipped = of("skipped") + of("expected failures");
  const errors = of("errors");
  return { passed: Math.max(0, ran - failed - skipped - errors), failed, skipped, errors };
}
