// Owns how the output of Node's own test runner is read, in its TAP and its spec form.
import { type NamedTest, type Reader, type Run, sumOf, type TestStatus, tally } from "./types.ts";

const FIELD =
  /^(?:# |ℹ )(?:(tests|suites|pass|fail|cancelled|skipped|todo) (\d{1,9})|(duration_ms) \d+(?:\.\d+)?)$/;
const TAP_HEADER = /^TAP version 1[34]$/;
const TAP = /^ *(ok|not ok) \d+ - (.+)$/;
const SPEC = /^ *([✔✖﹣]) (.+) \(\d+\.\d+ms\)(?: # (?:SKIP|TODO).*)?$/;
const DIRECTIVE = / # (?:SKIP|TODO)\b.*$/;
const GROUP = /^ *▶ (.+)$/;
const STATUSES: Record<string, TestStatus> = {
  ok: "passed",
  "✔": "passed",
  "not ok": "failed",
  "✖": "failed",
  "﹣": "skipped",
};

/**
 * The summary is a block of lines from `tests N` on, each behind `# ` or `ℹ `, when pass, fail,
 * cancelled, skipped and todo add up to N. A cancelled test failed. Suites are no tests.
 */
export class NodeReader implements Reader {
  readonly #runs: Run[] = [];
  #tests: NamedTest[] = [];
  #groups: string[] = [];
  #block: Map<string, number> | undefined;
  #blockLine = -1;
  #firstLine = -1;
  #tap = false;
  #done = false;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    const marked = text.startsWith("# ") || text.startsWith("ℹ ");
    const field = marked ? FIELD.exec(text) : undefined;
    if (field) {
      this.#field(field[1] ?? field[3] ?? "", Number(field[2] ?? 0));
      return;
    }
    if (this.#block) this.#close();
    if (text === "") return;
    if (TAP_HEADER.test(text)) this.#begin();
    else if (text.endsWith("type: 'suite'")) this.#tests.pop();
    else this.#result(text);
  }

  end(): Run[] {
    this.#number++;
    if (this.#block) this.#close();
    if (this.#tests.length > 0 && !this.#done) this.#push("partial", tally(this.#tests));
    return this.#runs;
  }

  #begin(): void {
    this.#tap = true;
    this.#done = false;
    this.#tests = [];
    this.#firstLine = this.#number;
  }

  #field(word: string, amount: number): void {
    if (word === "tests") {
      if (this.#block) this.#close();
      this.#block = new Map();
      this.#blockLine = this.#number;
    }
    this.#block?.set(word, amount);
  }

  #close(): void {
    const parts = this.#block ?? new Map<string, number>();
    this.#block = undefined;
    const passed = sumOf(parts, "pass");
    const failed = sumOf(parts, "fail", "cancelled");
    const skipped = sumOf(parts, "skipped", "todo");
    if (!parts.has("pass") || !parts.has("fail")) return;
    if (passed + failed + skipped !== parts.get("tests")) return;
    const certainty = parts.has("duration_ms") ? "whole" : "bare";
    this.#push(certainty, { passed, failed, skipped, errors: 0 });
    this.#done = true;
  }

  #result(text: string): void {
    const group = GROUP.exec(text)?.[1];
    if (group !== undefined) this.#groups.push(group.replace(/ \(\d+\.\d+ms\)$/, ""));
    const [, word = "", label = ""] = (this.#tap ? TAP.exec(text) : SPEC.exec(text)) ?? [];
    const status = STATUSES[word];
    // Behind the summary of the spec form the failures are listed a second time.
    if (!status || (this.#done && word === "✖")) return;
    const name = label.replace(DIRECTIVE, "");
    if (this.#groups.at(-1) === name) {
      this.#groups.pop();
      return;
    }
    if (this.#firstLine === -1) this.#firstLine = this.#number;
    this.#done = false;
    this.#tests.push({ name, status: DIRECTIVE.test(text) ? "skipped" : status });
  }

  #push(certainty: Run["certainty"], counts: Run["counts"]): void {
    const first_line = this.#firstLine === -1 ? this.#blockLine : this.#firstLine;
    const place = { first_line, last_line: this.#number - 1 };
    this.#runs.push({ framework: "node", certainty, ...place, counts, tests: this.#tests });
    this.#tests = [];
    this.#groups = [];
    this.#firstLine = -1;
    this.#tap = false;
  }
}
