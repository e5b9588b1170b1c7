// Owns the rows of a study's plan: what each arm has left, what it costs, and what two arms can show.

import type { Ledger } from "../../db/ledger.ts";
import type { RunConfig } from "../attempt/config.ts";
import { changedSettings } from "../config/frozen.ts";
import { sumOf, wholeSum } from "../core/lists.ts";
import { detectableDifference } from "../report/power.ts";
import type { Unit } from "../select/select.ts";
import { discordance, estimateArm, studyTime, suiteTime } from "./estimate.ts";
import { policyOf, type Study } from "./file.ts";
import type { Again, ArmState } from "./state.ts";

/** The state of an arm: attempts that the study asks for, and how many of them have passed each stage. */
export type PlanArm = {
  readonly name: string;
  readonly run: string;
  readonly config: RunConfig;
  readonly attempts: number;
  readonly done: ArmState;
};

export type PlanOptions = {
  readonly study: Pick<Study, "name" | "budget_usd" | "concurrency" | "evaluation">;
  readonly ledger: Ledger;
  readonly arms: readonly PlanArm[];
  readonly pairs: readonly Unit[];
};

/** What is assumed about two arms that never ran on the same pairs; the plan says so. */
const ASSUMED_DISCORDANT = 0.3;

export type ArmRow = ReturnType<typeof armRow>;

export type ComparisonRow = ReturnType<typeof comparisonRow>;

export type PlanTotal = ReturnType<typeof planTotal>;

export function armRow({ ledger, pairs }: PlanOptions, arm: PlanArm) {
  const { name, run, config, attempts, done } = arm;
  const to_run = attempts - done.run;
  const to_evaluate = attempts - done.eval;
  return {
    arm: name,
    run,
    setting: config.setting,
    agent: config.agent,
    model: config.model,
    /** Where the arm differs from the defaults, such as `max_steps 50`. */
    settings: changedSettings(config, ["setting", "agent", "model", "backend"]).join(", "),
    pairs: pairs.length,
    attempts,
    run_done: done.run,
    merge_done: done.merge,
    eval_done: done.eval,
    to_run,
    to_merge: attempts - done.merge,
    to_evaluate,
    /** What is done again: so many units, and why. */
    again: done.again.map(againText),
    ...spentOn(ledger, [run]),
    ...estimateArm({ ledger, pairs }, { config, to_run, to_evaluate }),
  };
}

function againText({ to, units, why }: Again): string {
  return `${units} to ${to} again: ${why}`;
}

/** US dollars that are known, and how many calls' cost is not. */
function spentOn(ledger: Ledger, runs: readonly string[]) {
  const { usd, unpriced, cut_off } = ledger.runs.spent(...runs);
  return { spent_usd: usd, spent_unknown: unpriced + cut_off };
}

export function planTotal({ study, ledger, pairs }: PlanOptions, arms: readonly ArmRow[]) {
  const { concurrency, budget_usd } = study;
  const suites = concurrency.suites ?? navigator.hardwareConcurrency;
  const suite_ms = suiteTime({ ledger, pairs });
  const sum = (of: (row: ArmRow) => number) => sumOf(arms, of);
  return {
    pairs: pairs.length,
    repos: new Set(pairs.map(({ repo }) => repo)).size,
    attempts: sum(({ attempts }) => attempts),
    run_done: sum(({ run_done }) => run_done),
    merge_done: sum(({ merge_done }) => merge_done),
    eval_done: sum(({ eval_done }) => eval_done),
    spent_usd: sum(({ spent_usd }) => spent_usd),
    spent_unknown: sum(({ spent_unknown }) => spent_unknown),
    left_cost_usd: wholeSum(arms.map(({ left_cost_usd }) => left_cost_usd)),
    left_ms: studyTime(arms, { pairs: concurrency.pairs, suites, suite_ms }),
    pairs_at_a_time: concurrency.pairs,
    suites_at_a_time: suites,
    budget_usd,
  };
}

export function comparisonRow(
  { ledger, study, pairs }: PlanOptions,
  first: PlanArm,
  second: PlanArm,
) {
  const policy = policyOf(study.evaluation);
  const seen = discordance(ledger, [first.config, second.config], policy);
  const discordant = seen?.share ?? ASSUMED_DISCORDANT;
  const difference =
    pairs.length === 0 ? null : detectableDifference({ n: pairs.length, discordant });
  return {
    arms: `${first.name}, ${second.name}`,
    pairs: pairs.length,
    policy,
    discordant,
    /** Pairs that the discordance was seen on; null: it is assumed. */
    discordant_from_pairs: seen?.pairs ?? null,
    /** Null when rates cannot differ by as much as would be needed. */
    detectable: difference === null || difference > discordant ? null : difference,
  };
}
