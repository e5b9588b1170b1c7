// Owns what a dry run reports about a study: what is done, what is left, what that costs, and what the study can show.
import { planLines } from "./plan-lines.ts";
import {
  type ArmRow,
  armRow,
  type ComparisonRow,
  comparisonRow,
  type PlanOptions,
  type PlanTotal,
  planTotal,
} from "./plan-rows.ts";
export type StudyPlan = {
  /** One row per arm; costs in US dollars, null: unknown. */
  readonly arms: readonly ArmRow[];
  /** One row per two arms. */
  readonly comparisons: readonly ComparisonRow[];
  readonly total: PlanTotal;
  /** The same for people, one string per line. */
  readonly lines: readonly string[];
};

/** Reads the ledger and does nothing else. */
export function studyPlan(options: PlanOptions): StudyPlan {
  const arms = options.arms.map((arm) => armRow(options, arm));
  const comparisons = options.arms.flatMap((first, index) =>
    options.arms.slice(index + 1).map((second) => comparisonRow(options, first, second)),
  );
  const plan = { arms, comparisons, total: planTotal(options, arms) };
  return { ...plan, lines: planLines(options.study.name, plan) };
}
