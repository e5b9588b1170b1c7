// Owns how the output of Node's own test runner is read, in its TAP and its spec form.
import { type Session, Sessions } from "./sessions.ts";
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

type State = { readonly tests: NamedTest[]; readonly tap: boolean };

/**
 * The summary is a block of lines from `tests N` on, each behind `# ` or `ℹ `, when pass, fail, cancelled, skipped and
 * todo add up to N. A cancelled test failed. Suites are not tests. A run begins with TAP's version, else with its first
 * result; other programs print TAP too, so only `# Subtest` makes it Node's.
 */
class NodeReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #groups: string[] = [];
  #block: Map<string, number> | undefined;
  #blockLine = -1;
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
    const open = this.#sessions.open;
    if (TAP_HEADER.test(text)) this.#begin(true);
    else if (text.startsWith("# Subtest: ") && open?.tap) open.announced = "";
    else if (text.endsWith("type: 'suite'")) this.#sessions.last?.tests.pop();
    else this.#result(text);
  }

  end(): Run[] {
    this.#number++;
    if (this.#block) this.#close();
    return this.#sessions.runs(this.#number - 1, ({ tests, announced, summary }) => {
      if (!summary && tests.length === 0 && announced === undefined) return undefined;
      return {
        tests,
        partial: tally(tests),
        certainty: this.#bare.has(summary) ? "bare" : "whole",
      };
    });
  }

  /** Summaries that lack their last line. */
  readonly #bare = new Set<unknown>();

  #begin(tap: boolean): Session<State> {
    this.#groups = [];
    return this.#sessions.begin(this.#number, undefined, { tests: [], tap });
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
    const { last } = this.#sessions;
    // In TAP a test's own lines look like the summary's; elsewhere a second summary is a second run's.
    const goesOn = last && (!last.summary || last.tap);
    const session = goesOn
      ? last
      : this.#sessions.begin(this.#blockLine, undefined, { tests: [], tap: false });
    this.#sessions.conclude({ passed, failed, skipped, errors: 0 }, this.#number - 1, session);
    if (!parts.has("duration_ms")) this.#bare.add(session.summary);
  }

  #result(text: string): void {
    const group = GROUP.exec(text)?.[1];
    if (group !== undefined) this.#groups.push(group.replace(/ \(\d+\.\d+ms\)$/, ""));
    const { last } = this.#sessions;
    const [, word = "", label = ""] = (last?.tap ? TAP.exec(text) : SPEC.exec(text)) ?? [];
    const status = STATUSES[word];
    const done = last?.summary !== undefined;
    // Behind the summary of the spec form the failures are listed a second time.
    if (!status || (done && word === "✖")) return;
    const name = label.replace(DIRECTIVE, "");
    if (this.#groups.at(-1) === name) {
      this.#groups.pop();
      return;
    }
    const session = !last || (done && !last.tap) ? this.#begin(false) : last;
    nameTest(session.tests, { name, status: DIRECTIVE.test(text) ? "skipped" : status });
  }
}

export const node: Format = { name: "node", read: () => new NodeReader() };
