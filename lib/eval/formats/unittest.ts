// Owns how the output of Python's unittest is read.
import { type Session, Sessions } from "./sessions.ts";
import {
  type Counts,
  type Format,
  type NamedTest,
  nameTest,
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

type Ran = { readonly count: number; readonly line: number; readonly whole: boolean };
type State = { readonly tests: NamedTest[]; whole: boolean };

/**
 * The summary is three lines in a row: `Ran N tests in 0.001s`, a blank one, and the verdict. It is
 * whole when the rule of dashes stands before it. Passed = N − failures − errors − skipped − expected
 * failures − unexpected successes, never below 0: every failed subtest counts as a failure of its own.
 * While a test's line waits for its status, a summary is that test's own print.
 */
class UnittestReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #title = "";
  #ruled = -2;
  #ran: Ran | undefined;
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
    return this.#sessions.runs(this.#number, ({ tests, whole, summary }) => {
      if (!summary && tests.length === 0) return undefined;
      return { tests, partial: tally(tests), certainty: whole ? "whole" : "bare" };
    });
  }

  #current(line: number): Session<State> {
    const { open } = this.#sessions;
    return open ?? this.#sessions.begin(line, undefined, { tests: [], whole: false });
  }

  #verdict(text: string, ran: Ran): void {
    const match = VERDICT.exec(text);
    if (!match || this.#number !== ran.line + 2 || this.#waits()) return;
    this.#current(ran.line).whole = ran.whole;
    this.#sessions.conclude(countsOf(ran.count, match[1] ?? ""), this.#number);
  }

  /** A test has begun, and unittest says its status on the same line or, behind what it prints, on a later one. */
  #waits(): boolean {
    const listed = this.#sessions.open?.tests.length ?? 0;
    return this.#title !== "" && listed === 0;
  }

  #result(text: string, number: number): void {
    const title = TITLE.exec(text)?.[0];
    if (title !== undefined) {
      this.#title = title;
      this.#current(number);
    }
    if (this.#title === "") return;
    const word = RESULT.exec(text)?.[1];
    if (word === undefined) return;
    nameTest(this.#current(number).tests, {
      name: this.#title,
      status: STATUSES[word] ?? "skipped",
    });
    this.#title = "";
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

export const unittest: Format = { name: "unittest", read: () => new UnittestReader() };
