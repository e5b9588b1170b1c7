// Owns how the output of `cargo test` (Rust's own test harness) is read.
import {
  type Counts,
  type NamedTest,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const HEADER = /^running (\d{1,9}) tests?$/;
const RESULT =
  /^test result: (ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; (\d{1,9}) measured(?:; \d{1,9} filtered out)?(?:; finished in \d+(?:\.\d+)?s)?$/;
const STATUS = /^(?:(ok|FAILED|ignored)(?: <[^<>]*>)?|(ignored), .*)$/;
const QUIET_FAILURE = " --- FAILED";
const STATUSES: Record<string, TestStatus> = { ok: "passed", FAILED: "failed", ignored: "skipped" };

type Binary = {
  readonly first_line: number;
  readonly expected: number;
  readonly tests: NamedTest[];
  listing: boolean;
  summary?: { readonly counts: Counts; readonly line: number };
};

/**
 * Each binary, and the documentation tests, is one run: from `running N tests` to `test result: …`.
 * A result counts when passed + failed + ignored + measured is that N and its verdict agrees with its
 * failures; the last such line before the next binary wins, since the output of failed tests is
 * printed before it. Before any header (the head was cut off) every result counts, as bare.
 */
export class CargoReader implements Reader {
  readonly #binaries: Binary[] = [];
  readonly #bare: Run[] = [];
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text.startsWith("test result: ")) this.#result(text, number);
    else if (text.startsWith("running ")) this.#header(text, number);
    else if (text === "failures:") this.#stopListing();
    else if (text.startsWith("test ") || text.endsWith(QUIET_FAILURE)) this.#test(text);
  }

  end(): Run[] {
    const headed = this.#binaries
      .map((binary) => this.#run(binary))
      .filter((run) => run !== undefined);
    return [...this.#bare, ...headed];
  }

  #header(text: string, number: number): void {
    const expected = HEADER.exec(text)?.[1];
    if (expected === undefined) return;
    const binary = { first_line: number, expected: Number(expected), tests: [], listing: true };
    this.#binaries.push(binary);
  }

  #stopListing(): void {
    const binary = this.#binaries.at(-1);
    if (binary) binary.listing = false;
  }

  #test(text: string): void {
    const binary = this.#binaries.at(-1);
    if (!binary?.listing) return;
    const test = text.endsWith(QUIET_FAILURE)
      ? { name: text.slice(0, -QUIET_FAILURE.length), status: "failed" as const }
      : readTest(text);
    if (test) binary.tests.push(test);
  }

  #result(text: string, number: number): void {
    const result = readResult(text);
    if (!result) return;
    const binary = this.#binaries.at(-1);
    if (!binary) {
      const place = { first_line: number, last_line: number, tests: [] };
      this.#bare.push({ framework: "cargo", certainty: "bare", counts: result.counts, ...place });
    } else if (result.total === binary.expected) {
      binary.summary = { counts: result.counts, line: number };
      binary.listing = false;
    }
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
  return status && { name: text.slice("test ".length, dots), status };
}

function readResult(text: string): { counts: Counts; total: number } | undefined {
  const match = RESULT.exec(text);
  if (!match) return undefined;
  const [passed = 0, failed = 0, skipped = 0, measured = 0] = match.slice(2, 6).map(Number);
  if ((match[1] === "ok") !== (failed === 0)) return undefined;
  const counts = { passed: passed + measured, failed, skipped, errors: 0 };
  return { counts, total: passed + failed + skipped + measured };
}
