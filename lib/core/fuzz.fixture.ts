// Owns fuzzing: how often a property is tried, with which seed, the count of all inputs, and the end of one that hangs.
import { test } from "bun:test";
import fc from "fast-check";
import { Fault, UsageError } from "./fault.ts";
import { cpuMs } from "./testing.ts";

/** `TANDEM_FUZZ_SEED`: the same seed gives the same inputs. */
export const FUZZ_SEED = numberFrom("TANDEM_FUZZ_SEED", 20_260_101);
/** `TANDEM_FUZZ_RUNS`: a factor on the runs of every property. 1 is over a million inputs; plain tests try a hundredth. */
const FACTOR = numberFrom("TANDEM_FUZZ_RUNS", 0.01);
/** Longer than any input takes on a busy machine, shorter than quadratic time takes for the longest. */
const SLOW_MS = 5_000;
/** After so long without a sign of life the process is ended from outside: nothing inside it can. */
const HANG_S = 120;
const SHOWN = 2_000;

/** What all properties of this process have tried so far. */
export const tried = { inputs: 0, properties: 0 };

export type Plan<T> = {
  /** How many inputs at factor 1. */
  readonly runs: number;
  readonly input: fc.Arbitrary<T>;
};

/** A test that the property holds for seeded inputs; what fails is made smaller and shown with the seed. */
export function fuzz<T>(title: string, { runs, input }: Plan<T>, holds: (value: T) => void): void {
  test(title, () => {
    using watch = watchdog(title);
    const property = fc.property(input, (value) => {
      watch.beat();
      assertQuick(cpuMs(() => holds(value)));
    });
    settle(title, fc.check(property, settings(runs)));
  }, 0);
}

/** The same for a property that has to wait. */
export function fuzzAsync<T>(
  title: string,
  { runs, input }: Plan<T>,
  holds: (value: T) => Promise<void>,
): void {
  test(title, async () => {
    using watch = watchdog(title);
    const property = fc.asyncProperty(input, async (value) => {
      watch.beat();
      const began = performance.now();
      await holds(value);
      assertQuick(performance.now() - began);
    });
    settle(title, await fc.check(property, settings(runs)));
  }, 0);
}

/** What the work gives; undefined when it refuses with a Fault or UsageError. Whatever else it throws is a defect. */
export function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Refusals have words, and a fault a hint. */
export function isRefusal(error: unknown): error is Fault | UsageError {
  if (error instanceof Fault) return error.message !== "" && error.hint !== "";
  return error instanceof UsageError && error.message !== "";
}

function numberFrom(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`${name} must be a number, not "${process.env[name]}"`);
}

function settings(runs: number): { seed: number; numRuns: number } {
  return { seed: FUZZ_SEED, numRuns: Math.max(3, Math.round(runs * FACTOR)) };
}

function assertQuick(took_ms: number): void {
  if (took_ms > SLOW_MS) throw new Error(`took ${Math.round(took_ms)} ms: as good as a hang`);
}

function settle<T>(title: string, result: fc.RunDetails<[T]>): void {
  tried.inputs += result.numRuns;
  tried.properties++;
  if (!result.failed) return;
  const [given] = result.counterexample ?? [];
  const shown = Buffer.isBuffer(given)
    ? `bytes ${fc.stringify(given.toString("latin1"))}`
    : fc.stringify(given);
  const input = shown.slice(0, SHOWN);
  const { errorInstance: error } = result;
  const why = error instanceof Error ? `${error.message.slice(0, SHOWN)}\n${error.stack}` : error;
  throw new Error(
    `${title}: run ${result.numRuns} with TANDEM_FUZZ_SEED=${FUZZ_SEED} fails for ${input}: ${String(why).slice(0, 2 * SHOWN)}`,
  );
}

/** Ends this process when it gives no sign of life for long: an endless loop would otherwise last as long as its machine. */
function watchdog(title: string): Disposable & { readonly beat: () => void } {
  const words = `fuzz: no end of an input in "${title}" (TANDEM_FUZZ_SEED=${FUZZ_SEED})`;
  const script = `while :; do read -r -t ${HANG_S} _; s=$?; [ $s = 1 ] && exit; [ $s -gt 128 ] && break; done; printf '%s\\n' "$0" >&2; kill -KILL $PPID`;
  const child = Bun.spawn(["bash", "-c", script, words], { stdin: "pipe", stdout: "ignore" });
  let last = performance.now();
  return {
    beat() {
      if (performance.now() - last < 1_000) return;
      last = performance.now();
      child.stdin.write("\n");
      child.stdin.flush();
    },
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}
