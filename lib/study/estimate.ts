// Owns what the rest of a study will cost and how long it will take: from what the ledger remembers, else unknown.

import type { Ledger } from "../../db/ledger.ts";
import type { Policy } from "../../db/schema.ts";
import { agentNeeds } from "../agent/registry.ts";
import { BEFORE, type RunConfig } from "../attempt/config.ts";
import { sum, wholeSum } from "../core/lists.ts";
import { median } from "../core/median.ts";
import { canonicalJson } from "../model/request.ts";
import type { Unit } from "../select/select.ts";

/** What one more attempt is expected to take. Null is unknown, never a guess. */
export type Expectation = {
  readonly cost_usd: number | null;
  readonly wall_ms: number | null;
  /** Different suites that its verdict rests on. */
  readonly suites: number | null;
  /** Finished attempts that time and cost were taken from. */
  readonly from_attempts: number;
};
export type ArmLeft = {
  readonly config: RunConfig;
  readonly to_run: number;
  readonly to_evaluate: number;
};
/** Work is summed over units, as if they were done one after another. */
export type ArmEstimate = Expectation & {
  readonly left_cost_usd: number | null;
  readonly run_work_ms: number | null;
  readonly eval_work_ms: number | null;
};
type Around = { readonly ledger: Ledger; readonly pairs: readonly Unit[] };

/**
 * Medians over finished attempts with the same setting, agent and model (those on the same backend when there are any)
 * at units with the same number of features. Replays are compared with replays, cached runs with cached runs. An agent
 * that asks no model and an answer from a recording cost nothing.
 */
export function expectation({ ledger, pairs }: Around, config: RunConfig): Expectation {
  const sizes = new Set(pairs.map(({ features }) => features.length));
  const alike = runsLike(ledger, (other) => summary(other) === summary(config));
  const near = alike.filter(({ backend }) => backend === config.backend);
  const found = [near, alike].map((group) => {
    const runs = group.map(({ run }) => run);
    const rows = ledger.history.work(runs).filter(({ features }) => sizes.has(features));
    return { rows, suites: ledger.history.suiteCounts(runs) };
  });
  const rows = found.find((group) => group.rows.length > 0)?.rows ?? [];
  return {
    cost_usd: isFree(config) ? 0 : knownMedian(rows.flatMap(({ cost_usd }) => cost_usd ?? [])),
    wall_ms: knownMedian(rows.map(({ wall_ms }) => wall_ms)),
    suites: knownMedian(found.find(({ suites }) => suites.length > 0)?.suites ?? []),
    from_attempts: rows.length,
  };
}

/**
 * What is left of an arm: what one attempt takes, times the attempts; nothing left counts as 0, whatever is unknown.
 */
export function estimateArm(around: Around, left: ArmLeft): ArmEstimate {
  const one = expectation(around, left.config);
  const suite_ms = suiteTime(around);
  const evaluation = one.suites === null || suite_ms === null ? null : one.suites * suite_ms;
  return {
    ...one,
    left_cost_usd: times(left.to_run, one.cost_usd),
    run_work_ms: times(left.to_run, one.wall_ms),
    eval_work_ms: times(left.to_evaluate, evaluation),
  };
}

/** The median milliseconds of a suite of these pairs' repositories; null when none was ever run. */
export function suiteTime({ ledger, pairs }: Around): number | null {
  return knownMedian(ledger.history.suiteTimes([...new Set(pairs.map(({ repo }) => repo))]));
}

type Left = ArmEstimate & Pick<ArmLeft, "to_run" | "to_evaluate">;
type Slots = { readonly pairs: number; readonly suites: number; readonly suite_ms: number | null };

/**
 * Milliseconds that all arms take together, null when unknown. Pairs are tested while others still run, so the longer of
 * the two decides: attempts by `pairs` at a time (no sooner than the longest median), suites by `suites` at a time; and the
 * last pair's suite comes after all else.
 */
export function studyTime(
  arms: readonly Left[],
  { pairs, suites, suite_ms }: Slots,
): number | null {
  const runs = wholeSum(arms.map(({ run_work_ms }) => run_work_ms));
  const tests = wholeSum(arms.map(({ eval_work_ms }) => eval_work_ms));
  if (runs === null || tests === null) return null;
  const longest = Math.max(
    0,
    ...arms.map(({ to_run, wall_ms }) => (to_run > 0 ? (wall_ms ?? 0) : 0)),
  );
  const last = arms.some(({ to_evaluate }) => to_evaluate > 0) ? (suite_ms ?? 0) : 0;
  return Math.max(longest, runs / pairs, tests / suites) + last;
}

/** Fewer pairs say too little about how often two arms differ. */
const ENOUGH_PAIRS = 20;

/**
 * The share of pairs on which the two arms differ, from verdicts on runs made with the same configurations (backend
 * aside), and the pairs it rests on; undefined when there are fewer than twenty in both, or none differs. With several tries
 * a pair it is the chance that one try of each differ: p(1 − q) + q(1 − p).
 */
export function discordance(
  ledger: Ledger,
  arms: readonly [RunConfig, RunConfig],
  policy: Policy,
): { readonly share: number; readonly pairs: number } | undefined {
  const [first, second] = arms.map((config) => {
    const runs = runsLike(ledger, (other) => withoutBackend(other) === withoutBackend(config));
    const rows = ledger.history.verdicts(
      runs.map(({ run }) => run),
      policy,
    );
    return new Map(rows.map(({ pair_key, passed }) => [pair_key, passed]));
  });
  const differ = [...(first ?? [])].flatMap(([pair_key, p]) => {
    const q = second?.get(pair_key);
    return q === undefined ? [] : [p * (1 - q) + q * (1 - p)];
  });
  const share = sum(differ) / differ.length;
  return differ.length >= ENOUGH_PAIRS && share > 0 ? { share, pairs: differ.length } : undefined;
}

function runsLike(ledger: Ledger, isLike: (config: RunConfig) => boolean) {
  return ledger.runs.all().flatMap((row) => {
    const config = { ...BEFORE, ...(row.config as RunConfig) };
    const { setting, agent, model } = row;
    return isLike({ ...config, setting, agent, model }) ? [{ run: row.run, ...config }] : [];
  });
}

function summary({ setting, agent, model, replay_of, cache }: RunConfig): string {
  return canonicalJson([setting, agent, model, replay_of !== null, cache]);
}

function withoutBackend({ backend, ...config }: RunConfig): string {
  return canonicalJson(config);
}

function isFree({ agent, model, replay_of }: RunConfig): boolean {
  const asksNobody = agentNeeds(agent).needs_model === "none";
  return asksNobody || replay_of !== null || model?.startsWith("replay/") === true;
}

function knownMedian(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

function times(count: number, each: number | null): number | null {
  if (count === 0) return 0;
  return each === null ? null : count * each;
}
