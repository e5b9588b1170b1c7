// Owns timing eval against the plain way: rounds of both in one run, and the figures that come of them.
import { median } from "../../lib/core/median.ts";

/** One round of evaluating pairs some way. Times in milliseconds. */
export type WayRound = {
  readonly wall_ms: number;
  readonly pairs: number;
  readonly suites: number;
  /** Pairs whose both suites passed on the merge (naive, else union). */
  readonly passed: number;
  /** What the tests themselves took, over all suites. */
  readonly runner_ms: number;
};
export type Round = {
  /** Tandem's ways by name. */
  readonly tandem: Readonly<Record<string, WayRound>>;
  readonly plain: WayRound & { readonly stop_ms: number };
};
export type EvalBenchOptions = {
  /** Suites that run at a time, in every way. */
  readonly concurrency: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Tandem's ways: each evaluates all pairs, with nothing known from before. */
  readonly tandem: Readonly<Record<string, (round: number) => Promise<WayRound>>>;
  readonly plain: () => Promise<Round["plain"]>;
};

/** Takes turns between the ways, so that a busy machine is busy for all of them; a row for each of Tandem's ways. */
export async function benchEval(options: EvalBenchOptions) {
  const rounds: Round[] = [];
  while (rounds.length < options.rounds && !options.signal.aborted) {
    const tandem: Record<string, WayRound> = {};
    for (const [name, way] of Object.entries(options.tandem))
      tandem[name] = await way(rounds.length + 1);
    rounds.push({ tandem, plain: await options.plain() });
  }
  return Object.keys(options.tandem).map((name) => evalRow(name, rounds, options.concurrency));
}

/**
 * Medians over the rounds.
 * - `…_pairs_per_min`: pairs / wall; `ratio` is the median of each round's own tandem / plain.
 * - `…_overhead_ms_per_pair`: (wall · concurrency − tests' own time) / pairs: what the `concurrency` places that tests
 *   can run in were held or idle, a pair. The plain way's tests are timed from outside, so each client process that
 *   starts one counts as test time there, in its favour.
 * - `ratio_without_stop`: the ratio were `docker stop` free: its time, spread over the concurrency, is taken off.
 */
export function evalRow(name: string, rounds: readonly Round[], concurrency: number) {
  const own = rounds.flatMap(({ tandem, plain }) => {
    const way = tandem[name];
    return way ? [{ tandem: way, plain }] : [];
  });
  type One = (typeof own)[number];
  const of = (figure: (round: One) => number) => rounded(median(own.map(figure)));
  const overhead = ({ wall_ms, runner_ms, pairs }: WayRound) =>
    (wall_ms * concurrency - runner_ms) / pairs;
  const perMinute = ({ pairs, wall_ms }: WayRound) => (pairs * 60_000) / wall_ms;
  const ratio = ({ tandem, plain }: One) => perMinute(tandem) / perMinute(plain);
  const unstopped = ({ tandem, plain }: One) =>
    perMinute(tandem) /
    perMinute({ ...plain, wall_ms: plain.wall_ms - plain.stop_ms / concurrency });
  return {
    bench: name,
    pairs: own[0]?.plain.pairs ?? 0,
    rounds: own.length,
    concurrency,
    tandem_pairs_per_min: of(({ tandem }) => perMinute(tandem)),
    plain_pairs_per_min: of(({ plain }) => perMinute(plain)),
    ratio: of(ratio),
    ratio_without_stop: of(unstopped),
    tandem_overhead_ms_per_pair: of(({ tandem }) => overhead(tandem)),
    plain_overhead_ms_per_pair: of(({ plain }) => overhead(plain)),
    tandem_suites: of(({ tandem }) => tandem.suites),
    plain_suites: of(({ plain }) => plain.suites),
    tandem_passed: of(({ tandem }) => tandem.passed),
    plain_passed: of(({ plain }) => plain.passed),
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
