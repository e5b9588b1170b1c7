// Owns how the output of `cargo test` is read: Rust's own test harness, and binaries that bring their own.
import { readCustomSummary, readMarked } from "./cargo-custom.ts";
import {
  type Counts,
  type NamedTest,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const CALL =
  /^ +Running (?:(?:unittests )?(?:\S+ )?\((\S*\/deps\/\S+)\)|(\S*\/deps\/\S+)|`(\S*\/deps\/[^ `]+)[^`]*`)$|^ +(Doc-tests \S+)$/;
const RUNNING = /^running (\d{1,9}) tests?$/;
const RESULT =
  /^test result: (ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored(?:; (\d{1,9}) measured)?(?:; \d{1,9} filtered out)?(?:; finished in \d+(?:\.\d+)?s)?$/;
const STATUS = /^(?:(ok|FAILED|ignored)(?: <[^<>]*>)?|(ignored), .*)$/;
const QUIET_FAILURE = " --- FAILED";
const STATUSES: Record<string, TestStatus> = { ok: "passed", FAILED: "failed", ignored: "skipped" };

type Binary = {
  /** Its path, as cargo said it; empty when cargo said nothing (`-q`). */
  readonly name: string;
  readonly first_line: number;
  /** What `running N tests` said; a harness of the binary's own does not say it. */
  expected?: number;
  readonly tests: NamedTest[];
  /** Behind `failures:` or `successes:` what tests printed is printed again. */
  stage: "tests" | "report";
  summary?: { readonly counts: Counts; readonly line: number };
};

/**
 * Each binary, and the documentation tests, is one run: from cargo's line, or `running N tests` where cargo is quiet, to
 * `test result: …`. A result belongs to the last open binary that announced as many tests; what began behind that one
 * was printed by its tests. The last result before the next binary wins. A binary that cargo called and that never says
 * `running N tests` has a harness of its own: its last line of counts is the summary. Before any binary (the head was
 * cut off) every result counts, as bare.
 */
export class CargoReader implements Reader {
  readonly #binaries: Binary[] = [];
  readonly #bare: Run[] = [];
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text.startsWith("test result: ")) this.#result(text, number);
    else if (text.startsWith(" ")) this.#call(text, number);
    else if (text.startsWith("running ")) this.#running(text, number);
    else if (text === "failures:" || text === "successes:") this.#report();
    else if (text.startsWith("test ") || text.endsWith(QUIET_FAILURE)) this.#test(text);
    else this.#custom(text, number);
  }

  end(): Run[] {
    const headed = this.#binaries
      .map((binary) => this.#run(binary))
      .filter((run) => run !== undefined);
    return [...this.#bare, ...headed];
  }

  #call(text: string, number: number): void {
    const call = CALL.exec(text);
    if (!call || this.#printedAgain()) return;
    const name = call.slice(1).find((part) => part !== undefined) ?? "";
    this.#binaries.push({ name, first_line: number, tests: [], stage: "tests" });
  }

  #running(text: string, number: number): void {
    const count = RUNNING.exec(text)?.[1];
    if (count === undefined || this.#printedAgain()) return;
    const expected = Number(count);
    const last = this.#binaries.at(-1);
    const open = last && !last.summary;
    if (open && last.expected === undefined) last.expected = expected;
    // Within a binary that cargo called, only cargo can call the next.
    else if (!open || last.name === "")
      this.#binaries.push({ name: "", first_line: number, expected, tests: [], stage: "tests" });
  }

  #printedAgain(): boolean {
    const last = this.#binaries.at(-1);
    return last?.stage === "report" && !last.summary;
  }

  #report(): void {
    const binary = this.#binaries.at(-1);
    if (binary?.expected !== undefined) binary.stage = "report";
  }

  #test(text: string): void {
    const binary = this.#binaries.at(-1);
    if (binary?.stage !== "tests") return;
    const test = text.endsWith(QUIET_FAILURE)
      ? { name: text.slice(0, -QUIET_FAILURE.length), status: "failed" as const }
      : readTest(text);
    if (test) binary.tests.push(test);
  }

  #custom(text: string, number: number): void {
    const binary = this.#binaries.at(-1);
    if (!binary || binary.expected !== undefined) return;
    const counts = readCustomSummary(text);
    const test = readMarked(text);
    if (counts) binary.summary = { counts, line: number };
    if (test) binary.tests.push(test);
  }

  #result(text: string, number: number): void {
    const result = readResult(text);
    const last = this.#binaries.at(-1);
    if (last?.name && last.expected === undefined) this.#custom(text, number);
    else if (!result) return;
    else if (last) this.#conclude(result, number);
    else {
      const place = { first_line: number, last_line: number, tests: [] };
      this.#bare.push({ framework: "cargo", certainty: "bare", counts: result.counts, ...place });
    }
  }

  #conclude({ counts, total }: { counts: Counts; total: number }, line: number): void {
    const fits = (binary: Binary | undefined) => binary?.expected === total;
    const open = this.#binaries.findLastIndex((binary) => fits(binary) && !binary.summary);
    const last = this.#binaries.at(-1);
    const at = open === -1 && fits(last) ? this.#binaries.length - 1 : open;
    const binary = this.#binaries[at];
    if (!binary) return;
    binary.summary = { counts, line };
    binary.stage = "report";
    this.#binaries.length = at + 1;
  }

  #run(binary: Binary): Run | undefined {
    const { first_line, tests, summary } = binary;
    if (!summary && tests.length === 0) return undefined;
    const last_line = summary?.line ?? this.#number;
    const counts = summary?.counts ?? tally(tests);
    const certainty = summary ? "whole" : "partial";
    return { framework: "cargo", certainty, first_line, last_line, counts, tests };
  }
}

function readTest(text: string): NamedTest | undefined {
  const dots = text.indexOf(" ... ");
  if (dots === -1) return undefined;
  const match = STATUS.exec(text.slice(dots + " ... ".length));
  const status = STATUSES[match?.[1] ?? match?.[2] ?? ""];
  return status && { name: text.slice("test ".length, dots).trimStart(), status };
}

function readResult(text: string): { counts: Counts; total: number } | undefined {
  const match = RESULT.exec(text);
  if (!match) return undefined;
  const [passed = 0, failed = 0, skipped = 0, measured = 0] = match
    .slice(2, 6)
    .map((part) => Number(part ?? 0));
  if ((match[1] === "ok") !== (failed === 0)) return undefined;
  const counts = { passed: passed + measured, failed, skipped, errors: 0 };
  return { counts, total: passed + failed + skipped + measured };
}
