// Owns how Mocha's output is read.
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

const PASSING = /^ {0,2}(\d{1,9}) passing \(\d+(?:ms|s|m|h)\)$/;
const OTHER = /^ {0,2}(\d{1,9}) (pending|failing)$/;
const RESULT = /^ {2,}(?:([✔✓-]) |(\d+)\) )(\S.*)$/;
const DURATION = / \(\d+ms\)$/;
const STATUSES: Record<string, TestStatus> = { "✔": "passed", "✓": "passed", "-": "skipped" };

type State = { readonly tests: NamedTest[]; agrees: boolean };

/**
 * The summary is `N passing (time)` behind a blank line, then `N pending` and `N failing` where there are
 * any, then a blank line or the end. It is whole when the tests listed above it are as many as it says; one that is not
 * gives way to the next.
 */
class MochaReader implements Reader {
  readonly #sessions = new Sessions<State>();
  #blank = true;
  #block: { readonly line: number; readonly parts: Map<string, number> } | undefined;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (this.#block) this.#continue(text);
    const passing = this.#blank ? PASSING.exec(text)?.[1] : undefined;
    if (passing !== undefined) {
      this.#block = { line: number, parts: new Map([["passing", Number(passing)]]) };
    } else this.#result(text);
    this.#blank = text === "";
  }

  end(): Run[] {
    if (this.#block) this.#close();
    return this.#sessions.runs(this.#number, ({ tests, agrees, summary }) => {
      // A lone dash is everywhere; only a check mark shows that this was Mocha.
      if (!summary && !tests.some(({ status }) => status === "passed")) return undefined;
      return { tests, partial: tally(tests), certainty: agrees ? "whole" : "bare" };
    });
  }

  #continue(text: string): void {
    const [, amount = "", word = ""] = OTHER.exec(text) ?? [];
    if (word !== "") this.#block?.parts.set(word, Number(amount));
    else if (text === "") this.#close();
    else this.#block = undefined;
  }

  #current(line: number) {
    const { last } = this.#sessions;
    const goesOn = last && (!last.summary || !last.agrees);
    return goesOn ? last : this.#sessions.begin(line, undefined, { tests: [], agrees: false });
  }

  #close(): void {
    const { line = this.#number, parts = new Map<string, number>() } = this.#block ?? {};
    this.#block = undefined;
    const [passed, failed] = [sumOf(parts, "passing"), sumOf(parts, "failing")];
    const session = this.#current(line);
    session.agrees = tally(session.tests).passed === passed && passed + failed > 0;
    const skipped = sumOf(parts, "pending");
    this.#sessions.conclude({ passed, failed, skipped, errors: 0 }, this.#number);
  }

  #result(text: string): void {
    if (!text.startsWith("  ") || this.#block) return;
    const [, mark, failure, label = ""] = RESULT.exec(text) ?? [];
    const status = failure === undefined ? STATUSES[mark ?? ""] : "failed";
    if (status)
      nameTest(this.#current(this.#number).tests, { name: label.replace(DURATION, ""), status });
  }
}

export const mocha: Format = { name: "mocha", read: () => new MochaReader() };
