// Owns how the output of cargo-nextest is read.
import { Sessions } from "./sessions.ts";
import {
  type Counts,
  type Format,
  type NamedTest,
  type Reader,
  type Run,
  readParts,
  setTest,
  sumOf,
  tally,
} from "./types.ts";

const STARTING = /^ +Starting \d+ tests? across \d+ binar(?:y|ies)/;
const SUMMARY = /^ +Summary \[ *\d+\.\d+s\] (\d{1,9})(?:\/\d+)? tests? run: (.+)$/;
const RESULT =
  /^ +(?:TRY \d+ )?(PASS|FAIL|LEAK|FLAKY \d+\/\d+|TIMEOUT|ABORT|SIG[A-Z]+|SKIP) \[[^\]]*\] +(?:\([^()]*\) )?(\S.*)$/;

/**
 * `Summary [time] N tests run: …` is the summary, and counts when its passed, failed, timed-out and
 * never-started tests are those N. The results listed again behind it are not read.
 */
class NextestReader implements Reader {
  readonly #sessions = new Sessions<{ readonly tests: Map<string, NamedTest> }>();
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (!text.startsWith(" ")) return;
    if (STARTING.test(text)) this.#sessions.begin(number, "", { tests: new Map() });
    else if (text.includes("Summary [")) this.#summary(text, number);
    else if (text.includes(" [")) this.#result(text);
  }

  end(): Run[] {
    return this.#sessions.runs(this.#number, ({ tests, announced }) => ({
      tests: [...tests.values()],
      partial: tally(tests.values()),
      certainty: announced === undefined ? "bare" : "whole",
    }));
  }

  #summary(text: string, number: number): void {
    const match = SUMMARY.exec(text);
    const counts = match && readSummary(Number(match[1]), match[2] ?? "");
    if (!counts) return;
    if (!this.#sessions.last) this.#sessions.begin(number, undefined, { tests: new Map() });
    this.#sessions.conclude(counts, number);
  }

  #result(text: string): void {
    const [, word = "", name = ""] = RESULT.exec(text) ?? [];
    if (word === "") return;
    const good = word === "PASS" || word === "LEAK" || word.startsWith("FLAKY");
    const status = word === "SKIP" ? "skipped" : good ? "passed" : "failed";
    const { open } = this.#sessions;
    if (open) setTest(open.tests, name, { name, status });
  }
}

function readSummary(run: number, list: string): Counts | undefined {
  // `2 passed (1 slow, 1 flaky), 1 failed`: what is in parentheses is part of its neighbour.
  const parts = readParts(list.replaceAll(/ \([^()]*\)/g, ""), ", ");
  if (!parts) return undefined;
  const passed = sumOf(parts, "passed");
  const failed = sumOf(parts, "failed", "timed out");
  const errors = sumOf(parts, "exec failed");
  if (passed + failed + errors !== run) return undefined;
  return { passed, failed, skipped: sumOf(parts, "skipped"), errors };
}

export const nextest: Format = { name: "nextest", read: () => new NextestReader() };
