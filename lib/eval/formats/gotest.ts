// Owns how the output of `go test` is read, verbose and not.
import { type Session, Sessions } from "./sessions.ts";
import {
  addCounts,
  type Counts,
  type NamedTest,
  NO_TESTS,
  nameTest,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const PACKAGE =
  /^(ok|FAIL)(\s+)(\S+)\s+(\(cached\)|\d+(?:\.\d+)?s|\[(?:build|setup) failed\])((?:\s+coverage: .*?)?(?:\s+\[no tests to run\])?)$/;
const RESULT = /^--- (PASS|FAIL|SKIP): (\S+) \(\d+(?:\.\d+)?s\)$/;
const RUN = "=== RUN   ";
/** What the test binary says last, before go names the package. */
const END = /^(?:PASS$|coverage: |exit status \d)/;
/** What a test logs begins with its position. */
const LOGGED = /^ +\S+\.go:\d+: /;
const TOP_NAME = /^(?:Test|Example|Fuzz|Benchmark)/;
const STATUSES: Record<string, TestStatus> = { PASS: "passed", FAIL: "failed", SKIP: "skipped" };

type State = {
  tests: NamedTest[];
  readonly open: Set<string>;
  verbose: boolean;
  /** The package's last line so far: path, and whether it was `ok`; "" while there was none. */
  path: string;
  word: string;
  /** `PASS` or `FAIL` alone: what a log without its package lines ends with. */
  verdict: boolean;
  /** `[no tests to run]`. */
  empty: boolean;
  tabbed: boolean;
  /** It should have named its tests, or printed PASS, and did neither: its binary exited before they ran. */
  cut: boolean;
};

/**
 * One package is one run; its last line (`ok` or `FAIL`, path, time) is the summary, and decides.
 * - Verbose: top-level tests count, subtests are only listed. A result counts when its `=== RUN` was seen, and tests
 * still open at the package's `FAIL` (a panic, a timeout) failed. Under `ok` nothing failed, whatever tests print. A
 * package line before the result of a test that was open there was printed by that test.
 * - Not verbose: Go names no passing test, so an `ok` package counts as 1 passed, as CooperBench counts it; `[no tests
 * to run]` and `[no test files]` count nothing. A `FAIL` package counts its `--- FAIL` lines, or 1 error when it has
 * none or did not build. In an output that has been verbose, or was made so, an `ok` package without a test line ran
 * none and counts 0. One that was made so and does not even print PASS did not reach its end.
 */
export class GoReader implements Reader {
  readonly #packages = new Sessions<State>();
  readonly #made_verbose: boolean;
  #verbose: boolean;
  #number = 0;
  #before = "";
  /** PASS was printed since the last package's line. */
  #passed = false;

  constructor(made_verbose: boolean) {
    this.#made_verbose = made_verbose;
    this.#verbose = made_verbose;
  }

  line(text: string, number: number): void {
    this.#number = number;
    // What a test left on the line stays in front.
    if (text.endsWith("PASS")) this.#passed = true;
    if (text === "PASS" || text === "FAIL") this.#verdict();
    else if (text.startsWith("ok") || text.startsWith("FAIL")) this.#finish(text, number);
    else if (text.includes(RUN)) this.#started(text, number);
    else if (text.endsWith("s)")) this.#result(text, number);
    if (text !== "") this.#before = text;
  }

  end(): Run[] {
    this.#mergeByPath();
    return this.#packages.runs(this.#number, (session) => {
      const { tests, tabbed, announced } = session;
      if (session.word === "" && session.verdict) {
        const certainty = "bare";
        this.#packages.conclude(topCounts(tests), this.#number, session);
        return { tests, partial: NO_TESTS, certainty };
      }
      if (!session.summary && tests.length === 0 && announced === undefined) return undefined;
      const certainty = tabbed ? "whole" : "bare";
      return { tests, partial: topCounts(tests), certainty, certain: session.cut };
    });
  }

  #verdict(): void {
    const current = this.#packages.open;
    if (current && current.open.size === 0) current.verdict = true;
  }

  #started(text: string, number: number): void {
    // A test that prints no final newline leaves its text before the marker.
    const at = text.lastIndexOf(RUN);
    const name = text.slice(at + RUN.length);
    if (name === "" || name.includes(" ") || LOGGED.test(text)) return;
    const session = this.#begin(number, at === 0 && TOP_NAME.test(name) ? "" : undefined);
    this.#verbose = true;
    session.verbose = true;
    session.open.add(name);
  }

  #result(text: string, number: number): void {
    const at = text.lastIndexOf("--- ");
    if (at === -1) return;
    const [, word = "", name = ""] = RESULT.exec(text.slice(at)) ?? [];
    const status = STATUSES[word];
    if (!status) return;
    const owner = this.#packages.findLast(({ open }) => open.has(name));
    if (owner) this.#goOn(owner);
    else if (!this.#allowed(text.slice(0, at), name, status)) return;
    const session = owner ?? this.#begin(number, undefined);
    session.open.delete(name);
    session.verdict = false;
    nameTest(session.tests, { name, status });
  }

  /** A test of this package goes on: what seemed to end the package, and to begin others, it printed. */
  #goOn(session: Session<State>): void {
    for (const { tests, open } of this.#packages.dropBehind(session)) {
      for (const test of tests) nameTest(session.tests, test);
      for (const name of open) session.open.add(name);
    }
    session.summary = undefined;
    session.word = "";
  }

  /** A result without its `=== RUN`: real in quiet output (only FAIL) and where a log lost those lines. */
  #allowed(before: string, name: string, status: TestStatus): boolean {
    const verbose = this.#packages.open?.verbose ?? false;
    if (verbose || before.trim() !== "" || !TOP_NAME.test(name)) return false;
    return status === "failed" || !this.#verbose;
  }

  #finish(text: string, number: number): void {
    const [, word = "", gap = "", path = "", time = "", rest = ""] = PACKAGE.exec(text) ?? [];
    if (word === "" || (word === "ok" && time.endsWith("failed]"))) return;
    const unfinished = (this.#packages.open?.open.size ?? 0) > 0;
    if (word === "ok" && unfinished && !END.test(this.#before)) return;
    const session = this.#begin(number, undefined);
    const empty = rest.endsWith("[no tests to run]");
    const cut = this.#made_verbose && word === "ok" && !empty && !this.#passed;
    Object.assign(session, { path, word, empty, cut, tabbed: gap.endsWith("\t") });
    this.#passed = false;
    this.#packages.conclude(NO_TESTS, number);
  }

  #begin(number: number, announced: string | undefined): Session<State> {
    const session =
      this.#packages.open ??
      this.#packages.begin(number, announced, {
        ...{ tests: [], open: new Set(), verbose: false, path: "", word: "" },
        ...{ verdict: false, empty: false, tabbed: false, cut: false },
      });
    session.verdict = false;
    return session;
  }

  /** Verbose, a path's last line decides for all that stands before it; the counts are made here, when all is known. */
  #mergeByPath(): void {
    const { all } = this.#packages;
    const lasts = new Map<string, Session<State>>();
    const kept = all.toReversed().filter((session) => {
      const later = session.verbose && session.summary ? lasts.get(session.path) : undefined;
      if (session.summary && !later) lasts.set(session.path, session);
      if (!later?.verbose) return true;
      const known = new Set(later.tests.map(({ name }) => name));
      for (const test of session.tests) if (!known.has(test.name)) nameTest(later.tests, test);
      return false;
    });
    all.length = 0;
    for (const session of kept.toReversed()) all.push(session);
    for (const session of all) {
      const { summary, cut, path } = session;
      if (summary) this.#packages.conclude(this.#counts(session), summary.line, session);
      if (cut) Object.assign(session, { summary: undefined, announced: path });
    }
  }

  #counts(session: Session<State>): Counts {
    const { tests, open, word, empty } = session;
    if (word === "ok") {
      session.tests = tests.filter(({ status }) => status !== "failed");
      if (session.tests.length > 0) return topCounts(session.tests);
      return empty || this.#verbose ? NO_TESTS : { ...NO_TESTS, passed: 1 };
    }
    for (const name of open) nameTest(tests, { name, status: "failed" });
    const counts = topCounts(tests);
    return counts.failed > 0 ? counts : addCounts(counts, { ...NO_TESTS, errors: 1 });
  }
}

function topCounts(tests: readonly NamedTest[]): Counts {
  return tally(tests.filter((test) => !test.name.includes("/")));
}
