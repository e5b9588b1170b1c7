// Owns how the output of `go test` is read, verbose and not.
import {
  addCounts,
  type Counts,
  type NamedTest,
  NO_TESTS,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const PACKAGE =
  /^(ok|FAIL)(\s+)\S+\s+(\(cached\)|\d+(?:\.\d+)?s|\[(?:build|setup) failed\])((?:\s+coverage: .*?)?(?:\s+\[no tests to run\])?)$/;
const RESULT = /^--- (PASS|FAIL|SKIP): (\S+) \(\d+(?:\.\d+)?s\)$/;
const RUN = "=== RUN   ";
const TOP_NAME = /^(?:Test|Example|Fuzz|Benchmark)/;
const STATUSES: Record<string, TestStatus> = { PASS: "passed", FAIL: "failed", SKIP: "skipped" };

type Package = {
  first_line: number;
  readonly tests: NamedTest[];
  readonly open: Set<string>;
  verbose: boolean;
  verdict: boolean;
};

/**
 * One package is one run; its last line (`ok` or `FAIL`, path, time) is the summary.
 * - Verbose: top-level tests count, subtests are only listed. A result counts when its `=== RUN` was
 *   seen, and tests still open at the package's `FAIL` (a panic, a timeout) failed.
 * - Not verbose: Go names no passing test, so an `ok` package counts as 1 passed, as the existing
 *   system counts it; `[no tests to run]` and `[no test files]` count nothing. A `FAIL` package counts
 *   its `--- FAIL` lines, or 1 error when it has none or did not build.
 * In an output that has been verbose, an `ok` package without a test line ran none and counts 0.
 */
export class GoReader implements Reader {
  readonly #runs: Run[] = [];
  #package: Package = emptyPackage();
  #verbose = false;
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text === "PASS" || text === "FAIL") this.#verdict();
    else if (text.startsWith("ok") || text.startsWith("FAIL")) this.#finish(text, number);
    else if (text.includes(RUN)) this.#open(text, number);
    else if (text.endsWith("s)")) this.#result(text, number);
  }

  end(): Run[] {
    const { tests, verdict, first_line } = this.#package;
    if (tests.length === 0) return this.#runs;
    const certainty = verdict ? "bare" : "partial";
    const last_line = this.#number;
    const counts = topCounts(tests);
    return [
      ...this.#runs,
      { framework: "go", certainty, first_line, last_line, counts, tests: [...tests] },
    ];
  }

  #verdict(): void {
    if (this.#package.open.size === 0) this.#package.verdict = true;
  }

  #open(text: string, number: number): void {
    // A test that prints no final newline leaves its text before the marker.
    const name = text.slice(text.lastIndexOf(RUN) + RUN.length);
    if (name === "" || name.includes(" ")) return;
    this.#begin(number);
    this.#verbose = true;
    this.#package.verbose = true;
    this.#package.open.add(name);
  }

  #result(text: string, number: number): void {
    const at = text.lastIndexOf("--- ");
    if (at === -1) return;
    const [, word = "", name = ""] = RESULT.exec(text.slice(at)) ?? [];
    const status = STATUSES[word];
    if (!status) return;
    const opened = this.#package.open.delete(name);
    if (!opened && !this.#allowed(text.slice(0, at), name, status)) return;
    this.#begin(number);
    this.#package.tests.push({ name, status });
  }

  /** A result without its `=== RUN`: real in quiet output (only FAIL) and where a log lost those lines. */
  #allowed(before: string, name: string, status: TestStatus): boolean {
    if (this.#package.verbose || before.trim() !== "" || !TOP_NAME.test(name)) return false;
    return status === "failed" || !this.#verbose;
  }

  #finish(text: string, number: number): void {
    const [, word = "", gap = "", time = "", rest = ""] = PACKAGE.exec(text) ?? [];
    if (word === "") return;
    const { tests, open } = this.#package;
    const listed = topCounts(tests);
    if (word === "ok" && (open.size > 0 || listed.failed > 0 || time.endsWith("failed]"))) return;
    this.#begin(number);
    for (const name of open) tests.push({ name, status: "failed" });
    const empty = rest.endsWith("[no tests to run]") || this.#verbose;
    const counts = word === "ok" ? okCounts(tests, empty) : failCounts(tests);
    const certainty = gap.endsWith("\t") ? "whole" : "bare";
    const { first_line } = this.#package;
    this.#runs.push({ framework: "go", certainty, first_line, last_line: number, counts, tests });
    this.#package = emptyPackage();
  }

  #begin(number: number): void {
    if (this.#package.first_line === -1) this.#package.first_line = number;
    this.#package.verdict = false;
  }
}

function emptyPackage(): Package {
  return { first_line: -1, tests: [], open: new Set(), verbose: false, verdict: false };
}

function topCounts(tests: readonly NamedTest[]): Counts {
  return tally(tests.filter((test) => !test.name.includes("/")));
}

function okCounts(tests: readonly NamedTest[], empty: boolean): Counts {
  if (tests.length > 0) return topCounts(tests);
  return empty ? NO_TESTS : { ...NO_TESTS, passed: 1 };
}

function failCounts(tests: readonly NamedTest[]): Counts {
  const counts = topCounts(tests);
  return counts.failed > 0 ? counts : addCounts(counts, { ...NO_TESTS, errors: 1 });
}
