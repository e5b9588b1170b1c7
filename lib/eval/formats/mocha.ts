// Owns how Mocha's output is read.
import { type NamedTest, type Reader, type Run, sumOf, type TestStatus, tally } from "./types.ts";

const PASSING = /^ {0,2}(\d{1,9}) passing \(\d+(?:ms|s|m|h)\)$/;
const OTHER = /^ {0,2}(\d{1,9}) (pending|failing)$/;
const RESULT = /^ {2,}(?:([✔✓-]) |(\d+)\) )(\S.*)$/;
const DURATION = / \(\d+ms\)$/;
const STATUSES: Record<string, TestStatus> = { "✔": "passed", "✓": "passed", "-": "skipped" };

/**
 * The summary is `N passing (time)` behind a blank line, then `N pending` and `N failing` where there are
 * any, then a blank line or the end. It is whole when the tests listed above it are as many as it says.
 */
export class MochaReader implements Reader {
  readonly #runs: Run[] = [];
  #tests: NamedTest[] = [];
  #firstLine = -1;
  #blank = true;
  #summary: { readonly line: number; readonly parts: Map<string, number> } | undefined;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (this.#summary) this.#continue(text);
    const passing = this.#blank ? PASSING.exec(text)?.[1] : undefined;
    if (passing !== undefined) {
      this.#summary = { line: number, parts: new Map([["passing", Number(passing)]]) };
    } else this.#result(text);
    this.#blank = text === "";
  }

  end(): Run[] {
    if (this.#summary) this.#close();
    // A lone dash is everywhere; only a check mark says that this was Mocha.
    if (this.#tests.some((test) => test.status === "passed")) {
      this.#push("partial", tally(this.#tests));
    }
    return this.#runs;
  }

  #continue(text: string): void {
    const [, amount = "", word = ""] = OTHER.exec(text) ?? [];
    if (word !== "") this.#summary?.parts.set(word, Number(amount));
    else if (text === "") this.#close();
    else this.#summary = undefined;
  }

  #close(): void {
    const parts = this.#summary?.parts ?? new Map<string, number>();
    const passed = sumOf(parts, "passing");
    const failed = sumOf(parts, "failing");
    const skipped = sumOf(parts, "pending");
    const listed = tally(this.#tests);
    const agrees = listed.passed === passed && passed + failed > 0;
    if (this.#firstLine === -1 || !agrees) this.#firstLine = this.#summary?.line ?? this.#number;
    this.#summary = undefined;
    this.#push(agrees ? "whole" : "bare", { passed, failed, skipped, errors: 0 });
  }

  #result(text: string): void {
    if (!text.startsWith("  ") || this.#summary) return;
    const [, mark, failure, label = ""] = RESULT.exec(text) ?? [];
    const status = failure === undefined ? STATUSES[mark ?? ""] : "failed";
    if (!status) return;
    if (this.#firstLine === -1) this.#firstLine = this.#number;
    this.#tests.push({ name: label.replace(DURATION, ""), status });
  }

  #push(certainty: Run["certainty"], counts: Run["counts"]): void {
    // Of bare summaries only the last is believed: the earlier ones may be a test's own words.
    if (certainty === "bare" && this.#runs.at(-1)?.certainty === "bare") this.#runs.pop();
    const place = { first_line: this.#firstLine, last_line: this.#number };
    this.#runs.push({ framework: "mocha", certainty, ...place, counts, tests: this.#tests });
    this.#tests = [];
    this.#firstLine = -1;
  }
}
