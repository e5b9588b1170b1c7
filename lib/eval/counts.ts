// Owns reading a test runner's output: how many tests passed, failed, were skipped or could not run.
import { LineReader } from "./formats/lines.ts";
import { FORMATS, type Formats, loadFormats, Recognition } from "./formats/registry.ts";
import {
  addCounts,
  CERTAINTIES,
  type Counts,
  type Format,
  type NamedTest,
  NO_TESTS,
  type Origin,
  type Reader,
  type Run,
  totalOf,
} from "./formats/types.ts";

export type { Framework } from "./formats/registry.ts";
export type { NamedTest, Origin, TestStatus } from "./formats/types.ts";

/** What a runner announced: a session, a binary, a package; none that a test of another run printed. */
export type Unit = {
  readonly framework: string;
  /** A path or a package; "" where the runner names nothing. */
  readonly name: string;
  /** Line of the output, from 0. */
  readonly line: number;
  readonly concluded: boolean;
  /** Whether it began for certain; else a test may have printed its header. */
  readonly certain: boolean;
};

/** The reading of one output. All numbers are of tests, summed over the runs. */
export type TestReport = Counts & {
  /** Frameworks that the numbers come from. */
  readonly frameworks: readonly string[];
  /** Tests that the output names; many forms name only failures, and Go's subtests are listed too. */
  readonly tests: readonly NamedTest[];
  /** Summaries counted; 0 when no runner finished. */
  readonly runs: number;
  /** False when no runner printed its summary: the numbers then come from single result lines. */
  readonly summary: boolean;
  /** What was announced, in the output's order, and whether it concluded. */
  readonly units: readonly Unit[];
};

type Known = Run & { readonly framework: string };

const MOST_BLANK_LINES = 10;
/** Longest stretch of work before other work gets its turn. */
const STRETCH_MS = 25;
const CHUNK_BYTES = 32 * 1024;

/** As {@link readTestBytes}, for a string and with these formats, recognised or not. Pure. */
export function readWith(
  formats: readonly Format[],
  output: string,
  origin: Origin = {},
): TestReport {
  const reading = new OutputReading(formats, origin);
  const lines = new LineReader(reading.line);
  lines.feed(output);
  lines.end();
  return reading.report();
}

/**
 * Reads what test runners printed (bytes in UTF-8), each by its own summary rules. Several runs in one output are summed.
 * A summary inside another runner's stretch of lines was printed by the program under test and does not count. Loads the
 * formats that the output has a line of, and no other. Never throws, and does not hold up the process for longer than a
 * blink; time is linear in the output's length.
 */
export async function readTestBytes(
  output: Uint8Array,
  origin: Origin = {},
  formats: Formats = FORMATS,
): Promise<TestReport> {
  const recognition = new Recognition(formats);
  await eachLine(output, recognition.line);
  const reading = new OutputReading(await loadFormats(formats, recognition.seen), origin);
  await eachLine(output, reading.line);
  return reading.report();
}

async function eachLine(
  output: Uint8Array,
  visit: (text: string, number: number) => void,
): Promise<void> {
  const lines = new LineReader(visit);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let began = performance.now();
  for (let at = 0; at < output.length; at += CHUNK_BYTES) {
    lines.feed(decoder.decode(output.subarray(at, at + CHUNK_BYTES), { stream: true }));
    if (performance.now() - began < STRETCH_MS) continue;
    await Bun.sleep(0);
    began = performance.now();
  }
  lines.feed(decoder.decode());
  lines.end();
}

class OutputReading {
  readonly #readers: { readonly framework: string; readonly reader: Reader }[];
  #blank = 0;

  constructor(formats: readonly Format[], origin: Origin) {
    this.#readers = formats.map(({ name, read }) => ({ framework: name, reader: read(origin) }));
  }

  report(): TestReport {
    const all = this.#readers.flatMap(({ framework, reader }) =>
      reader.end().map((run): Known => ({ ...run, framework })),
    );
    const runs = surest(all);
    const summary = runs.some((run) => run.certainty !== "partial");
    return {
      ...runs.map((run) => run.counts).reduce(addCounts, NO_TESTS),
      frameworks: [...new Set(runs.map((run) => run.framework))],
      tests: runs.flatMap((run) => run.tests),
      runs: summary ? runs.length : 0,
      summary,
      units: unitsOf(all),
    };
  }

  readonly line = (text: string, number: number): void => {
    // No format has a meaning for more; a program that prints nothing else would take minutes.
    this.#blank = text === "" ? this.#blank + 1 : 0;
    if (this.#blank > MOST_BLANK_LINES) return;
    for (const { reader } of this.#readers) reader.line(text, number);
  };
}

/** What was announced outside of every concluded run of another framework, in the output's order. */
function unitsOf(runs: readonly Known[]): Unit[] {
  const furthest = new Map<string, number>();
  return inOrder(runs).flatMap(({ framework, announced: name, certain = false, ...run }) => {
    const { first_line: line, last_line, certainty } = run;
    const inside = [...furthest].some(([other, end]) => other !== framework && end >= line);
    if (certainty === "whole")
      furthest.set(framework, Math.max(furthest.get(framework) ?? 0, last_line));
    const concluded = certainty !== "partial";
    return name === undefined || inside ? [] : { framework, name, line, concluded, certain };
  });
}

/** The runs of the best certainty present; of unfinished ones only those of the framework that began first. */
function surest(runs: readonly Known[]): readonly Known[] {
  for (const certainty of CERTAINTIES) {
    const equal = outermost(runs.filter((run) => run.certainty === certainty));
    // One that was announced and then printed nothing has no number to give.
    const telling = certainty === "partial" ? equal.filter(tells) : equal;
    const [first] = telling;
    if (!first) continue;
    return certainty === "partial"
      ? telling.filter((run) => run.framework === first.framework)
      : telling;
  }
  return [];
}

const tells = ({ counts, tests }: Known): boolean => totalOf(counts) > 0 || tests.length > 0;

const inOrder = (runs: readonly Known[]): Known[] =>
  [...runs].sort((a, b) => a.first_line - b.first_line || b.last_line - a.last_line);

/** Without the runs that lie inside a run of another framework; in order of their first lines. */
function outermost(runs: readonly Known[]): Known[] {
  const furthest = new Map<string, number>();
  return inOrder(runs).filter((run) => {
    for (const [framework, last_line] of furthest)
      if (framework !== run.framework && last_line >= run.last_line) return false;
    furthest.set(run.framework, Math.max(furthest.get(run.framework) ?? 0, run.last_line));
    return true;
  });
}
