// Owns ledgers with finished attempts for tests of estimates: runs with configurations, costs, times, suites and verdicts.
import { addRun, attemptRecord, memoryLedger } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import { mergeRecord, mergeRow, scoreRow, suiteRecord } from "../../db/verdicts.fixture.ts";
import type { RunConfig } from "../attempt/config.ts";
import { parsePairKey } from "../core/keys.ts";
import type { Unit } from "../select/select.ts";

export const CONFIG: RunConfig = {
  setting: "coop",
  agent: "mini",
  agent_sha256: null,
  agent_config: null,
  agent_config_sha256: null,
  model: "anthropic/some-model",
  base_url: null,
  backend: "docker",
  messaging: true,
  git: false,
  cache: false,
  replay_of: null,
  max_steps: 100,
  max_cost_usd: 3,
  max_wall_ms: 7_200_000,
  command_timeout_ms: 300_000,
};

/** One finished attempt of two agents: US dollars of both together, milliseconds, and its verdict when it has one. */
export type Past = {
  readonly cost_usd?: number | null;
  readonly wall_ms?: number;
  readonly passed?: boolean;
  readonly suite_ms?: number;
  /** A pair's key; `alpha_task/task1/features_1_<n>` when absent. */
  readonly pair_key?: string;
};

/** A ledger in memory with these runs. */
export function pastLedger(
  runs: Readonly<Record<string, { config?: Partial<RunConfig>; attempts: readonly Past[] }>>,
): Ledger {
  const ledger = memoryLedger();
  for (const [run, { config, attempts }] of Object.entries(runs)) {
    const whole = { ...CONFIG, ...config };
    const { setting, agent, model } = whole;
    addRun(ledger, { run, setting, agent, model, config: whole });
    for (const [index, past] of attempts.entries()) addPast(ledger, run, { index, past });
  }
  return ledger;
}

function addPast(ledger: Ledger, run: string, { index, past }: { index: number; past: Past }) {
  const key = `${run}/${past.pair_key ?? `alpha_task/task1/features_1_${index + 2}`}`;
  const { cost_usd = 1, wall_ms = 1000, passed, suite_ms } = past;
  const half = cost_usd === null ? null : cost_usd / 2;
  const agents = [{ cost_usd: half }, { cost_usd: half }];
  ledger.attempts.put([attemptRecord(key, { attempt: { wall_ms }, agents })]);
  if (passed === undefined) return;
  ledger.merges.put([mergeRecord([mergeRow(key)])]);
  const suites = suite_ms === undefined ? [] : [1, 2];
  for (const feature_id of suites)
    ledger.scores.putSuite(suiteRecord(`${key} ${feature_id}`, { duration_ms: suite_ms ?? 0 }));
  ledger.scores.put(
    key,
    [scoreRow(key, { passed })],
    suites.map((feature_id) => ({
      attempt_key: key,
      tested: "naive",
      feature_id,
      suite_key: `${key} ${feature_id}`,
    })),
  );
}

/** `count` pairs of one task. */
export function somePairs(count: number): Unit[] {
  return Array.from({ length: count }, (_, index) => {
    const pair_key = `alpha_task/task1/features_1_${index + 2}`;
    return { pair_key, ...parsePairKey(pair_key), features: [1, index + 2] };
  });
}
