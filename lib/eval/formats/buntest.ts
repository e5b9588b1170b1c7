// Owns how the output of `bun test` is read.
import { Sessions } from "./sessions.ts";
import {
  type Format,
  type NamedTest,
  nameTest,
  type Reader,
  type Run,
  sumOf,
  type TestStatus,
  tally,
} from "./types.ts";

const HEADER = /^bun test v\d+\.\d/;
const PART = /^ ?(\d{1,9}) (pass|fail|skip|todo|errors?)$/;
const OTHER_PART = /^ ?\d+ (?:filtered out|snapshots?\b.*|expect\(\) calls)$/;
const RAN = /^Ran (\d{1,9}) tests? across \d+ files?\.(?: \[[^\]]*\])?$/;
const RESULT = /^(?:\((pass|fail|skip|todo)\)|([✓✗»✎])) (.+)$/;
const REPEATED = /^\d+ tests? (?:failed|skipped|todo):$/;
const DURATION = / \[[\d.]+m?s\]$/;
const STATUSES: Record<string, TestStatus> = {
  pass: "passed",
  "✓": "passed",
  fail: "failed",
  "✗": "failed",
  skip: "skipped",
  "»": "skipped",
  todo: "skipped",
  "✎": "skipped",
};

type State = { readonly tests: NamedTest[]; listing: boolean };

/**
 * The summary is a block of ` N pass`, ` N fail` … lines closed by `Ran N tests across M files.`, when
 * the block adds up to that N. Between two `bun test v…` headers the last one counts.
 */
class BunReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #block = new Map<string, number>();
  #blockLine = -2;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    const part = PART.exec(text);
    if (part) this.#part(part[2] ?? "", Number(part[1]));
    else if (OTHER_PART.test(text) && this.#blockLine === number - 1) this.#blockLine = number;
    else if (text.startsWith("Ran ")) this.#ran(text, number);
    else if (HEADER.test(text)) this.#begin(number, "");
    else this.#result(text);
  }

  end(): Run[] {
    return this.#sessions.runs(this.#number, ({ tests, announced }) => ({
      ...{ tests, partial: tally(tests), certainty: announced === undefined ? "bare" : "whole" },
    }));
  }

  #begin(number: number, announced: string | undefined): void {
    this.#sessions.begin(number, announced, { tests: [], listing: true });
  }

  #part(word: string, amount: number): void {
    if (this.#blockLine !== this.#number - 1) this.#block = new Map();
    this.#block.set(word, amount);
    this.#blockLine = this.#number;
  }

  #ran(text: string, number: number): void {
    const ran = RAN.exec(text)?.[1];
    if (ran === undefined || this.#blockLine !== number - 1) return;
    const counts = {
      passed: sumOf(this.#block, "pass"),
      failed: sumOf(this.#block, "fail"),
      skipped: sumOf(this.#block, "skip", "todo"),
      errors: sumOf(this.#block, "error", "errors"),
    };
    if (counts.passed + counts.failed + counts.skipped !== Number(ran)) return;
    // Without headers every summary is a separate run.
    if (this.#sessions.last?.announced === undefined) this.#begin(number, undefined);
    this.#sessions.conclude(counts, number);
  }

  #result(text: string): void {
    const session = this.#sessions.last;
    if (session?.announced === undefined) return;
    // Above the summary of a long run its failures are listed a second time.
    if (REPEATED.test(text)) session.listing = false;
    const [, word, mark, label = ""] = session.listing ? (RESULT.exec(text) ?? []) : [];
    const status = STATUSES[word ?? mark ?? ""];
    if (status) nameTest(session.tests, { name: label.replace(DURATION, ""), status });
  }
}

export const bun: Format = { name: "bun", read: () => new BunReader() };
