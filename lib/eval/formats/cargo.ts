// Owns how the output of `cargo test` is read: Rust's own test harness, and binaries that bring their own.
import { readCustomSummary, readMarked } from "./cargo-custom.ts";
import { type Reading, type Session, Sessions } from "./sessions.ts";
import {
  type Counts,
  type Format,
  type NamedTest,
  nameTest,
  type Reader,
  type Run,
  type TestStatus,
  tally,
} from "./types.ts";

const CALL =
  /^ +Running (?:(?:unittests )?(?:\S+ )?\((\S*\/\S+)\)|([^\s`]*\/deps\/[^\s`]+)|`([^\s`]*\/(?:deps|examples)\/[^\s`]+)[^`]*`)$|^ +(Doc-tests \S+)$/;
/** What a binary that died left on the line of cargo's next output. */
const CUT_OFF = /^test \S.* \.\.\. (?= +(?:Running|Doc-tests) )/;
const RUNNING = /^running (\d{1,9}) tests?$/;
const RESULT =
  /^test result: (ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored(?:; (\d{1,9}) measured)?(?:; \d{1,9} filtered out)?(?:; finished in \d+(?:\.\d+)?s)?$/;
const STATUS = /^(?:(ok|FAILED|ignored)(?: <[^<>]*>)?|(ignored), .*)$/;
/** More than any log with a lost head leaves. */
const MOST_BARE = 10_000;
const QUIET_FAILURE = " --- FAILED";
const STATUSES: Record<string, TestStatus> = { ok: "passed", FAILED: "failed", ignored: "skipped" };

type State = {
  /** What `running N tests` said; a binary's own harness does not print it. */
  expected: number | undefined;
  readonly tests: NamedTest[];
  /** Behind `failures:` or `successes:` what tests printed is printed again. */
  stage: "tests" | "report";
};
type Binary = Session<State>;

/**
 * Each binary, and the documentation tests, is one run: from cargo's line, or `running N tests` where cargo is quiet,
 * to `test result: …`. A result belongs to the last open binary that announced as many tests; what began behind that
 * one was printed by its tests. The last result before the next binary wins. A binary that cargo called and that never
 * prints `running N tests` has its own harness: its last line of counts is the summary. Before any binary (the head was
 * cut off) every result counts, as bare.
 */
class CargoReader implements Reader {
  readonly #binaries = new Sessions<State>();
  readonly #bare: Run[] = [];
  #number = 0;

  line(text: string, number: number): void {
    this.#number = number;
    if (text.startsWith("test result: ")) this.#result(text, number);
    else if (text.startsWith(" ")) this.#call(text, number);
    else if (text.startsWith("test ") && CUT_OFF.test(text))
      this.#call(text.replace(CUT_OFF, ""), number);
    else if (text.startsWith("running ")) this.#running(text, number);
    else if (text === "failures:" || text === "successes:") this.#report();
    else if (text.startsWith("test ") || text.endsWith(QUIET_FAILURE)) this.#test(text);
    else this.#custom(text, number);
  }

  end(): Run[] {
    const speaking = new Set<string | undefined>();
    for (const { announced, summary } of this.#binaries.all) if (summary) speaking.add(announced);
    const runs = this.#binaries.runs(this.#number, (binary) => readBinary(binary, speaking));
    return [...this.#bare, ...runs];
  }

  /** Cargo names the binary that it calls; what calls itself `running …` has no name. */
  #call(text: string, number: number): void {
    const call = CALL.exec(text);
    if (!call || this.#printedAgain()) return;
    const name = call.slice(1).find((part) => part !== undefined) ?? "";
    this.#begin(number, name, undefined);
  }

  #begin(number: number, name: string, expected: number | undefined): void {
    this.#binaries.begin(number, name, { expected, tests: [], stage: "tests" });
  }

  #running(text: string, number: number): void {
    const count = RUNNING.exec(text)?.[1];
    if (count === undefined || this.#printedAgain()) return;
    const expected = Number(count);
    const { open } = this.#binaries;
    if (open && open.expected === undefined) open.expected = expected;
    // Within a binary that cargo called, only cargo can call the next.
    else if (!open || open.announced === "") this.#begin(number, "", expected);
  }

  #printedAgain(): boolean {
    return this.#binaries.open?.stage === "report";
  }

  #report(): void {
    const binary = this.#binaries.last;
    if (binary?.expected !== undefined) binary.stage = "report";
  }

  #test(text: string): void {
    const binary = this.#binaries.last;
    if (binary?.stage !== "tests") return;
    const test = text.endsWith(QUIET_FAILURE)
      ? { name: text.slice(0, -QUIET_FAILURE.length), status: "failed" as const }
      : readTest(text);
    if (test) nameTest(binary.tests, test);
  }

  #custom(text: string, number: number): void {
    const binary = this.#binaries.last;
    if (!binary || binary.expected !== undefined) return;
    const counts = readCustomSummary(text);
    const test = readMarked(text);
    if (counts) this.#binaries.conclude(counts, number);
    if (test) nameTest(binary.tests, test);
  }

  #result(text: string, number: number): void {
    const result = readResult(text);
    const { last } = this.#binaries;
    if (last && last.expected === undefined) this.#custom(text, number);
    else if (!result) return;
    else if (last) this.#conclude(result, number);
    else if (this.#bare.length < MOST_BARE) {
      const place = { first_line: number, last_line: number, tests: [] };
      this.#bare.push({ certainty: "bare", counts: result.counts, ...place });
    }
  }

  #conclude({ counts, total }: { counts: Counts; total: number }, line: number): void {
    const { last } = this.#binaries;
    const open = this.#binaries.findLast((binary) => binary.expected === total && !binary.summary);
    const binary = open ?? (last?.expected === total ? last : undefined);
    if (!binary) return;
    this.#binaries.dropBehind(binary);
    this.#binaries.conclude(counts, line);
    binary.stage = "report";
  }
}

/** Only its other calls show which binary has its own harness and ends silently: `speaking`. */
function readBinary(
  { tests, summary, expected, announced }: Binary,
  speaking: ReadonlySet<string | undefined>,
): Reading | undefined {
  const silent = expected === undefined && tests.length === 0 && !speaking.has(announced);
  if (!summary && silent) return undefined;
  return { tests, partial: tally(tests), certain: announced !== "" };
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

export const cargo: Format = { name: "cargo", read: () => new CargoReader() };
