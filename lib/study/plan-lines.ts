// Owns the text of a study's plan.
import { sumText, usdText } from "../core/money.ts";
import { plural, roughDuration } from "../core/text.ts";
import type { ArmRow, ComparisonRow, PlanTotal } from "./plan-rows.ts";

type Plan = {
  readonly arms: readonly ArmRow[];
  readonly comparisons: readonly ComparisonRow[];
  readonly total: PlanTotal;
};

/** What a dry run prints, one fact per line. */
export function planLines(name: string, { arms, comparisons, total }: Plan): string[] {
  const { attempts, run_done, merge_done, eval_done } = total;
  return [
    `study ${name}: ${plural(arms.length, "arm")} on ${plural(total.pairs, "pair")} of ${plural(total.repos, "repository", "repositories")}, ${plural(attempts, "attempt")}`,
    ...arms.flatMap((row) => [armLine(row), ...row.again.map((text) => `    ${text}`)]),
    `done: ${run_done} of ${attempts} run, ${merge_done} merged, ${eval_done} evaluated, ${spentText(total)} spent`,
    costLine(arms, total),
    ...budgetLine(total),
    timeLine(arms, total),
    ...comparisons.map(comparisonLine),
    ...(comparisons.length === 0
      ? []
      : [
          "(80 % power, 5 % two-sided; pairs of one task depend on each other, which calls for more)",
        ]),
  ];
}

function armLine(row: ArmRow): string {
  const { arm, setting, agent, model, settings, to_run, to_merge, to_evaluate } = row;
  const name = [setting, agent, model].filter((word) => word !== null).join(" ");
  const who = settings === "" ? name : `${name}, ${settings}`;
  const left = to_run + to_merge + to_evaluate === 0;
  const todo = `${to_run} to run, ${to_merge} to merge, ${to_evaluate} to evaluate`;
  return `  ${arm} (${who}): ${left ? "nothing to do" : todo}`;
}

function costLine(arms: readonly ArmRow[], { left_cost_usd }: PlanTotal): string {
  const what = "expected cost of what is left";
  const unknown = arms.filter((row) => row.left_cost_usd === null);
  if (left_cost_usd === null) return `${what}: unknown (${unknown.map(missingCost).join("; ")})`;
  const parts = arms
    .filter(({ to_run }) => to_run > 0)
    .map((row) => `${row.arm} ${cost(row.left_cost_usd)}${basis(row)}`);
  return `${what}: ${cost(left_cost_usd)}${parts.length === 0 ? "" : ` (${parts.join("; ")})`}`;
}

function missingCost({ arm, from_attempts }: ArmRow): string {
  const why =
    from_attempts === 0
      ? "no finished attempt like it in the ledger"
      : "the prices of earlier attempts are unknown";
  return `${arm}: ${why}`;
}

function basis({ from_attempts, cost_usd }: ArmRow): string {
  if (!cost_usd) return "";
  return `, the median of ${plural(from_attempts, "attempt")} each`;
}

function spentText({ spent_usd: known, spent_unknown: unknown }: PlanTotal): string {
  return sumText({ known, unknown }, cost);
}

function budgetLine(total: PlanTotal): string[] {
  const { budget_usd, spent_usd, spent_unknown, left_cost_usd } = total;
  if (budget_usd === null) return [];
  const left = Math.max(0, budget_usd - spent_usd);
  const short = left_cost_usd !== null && left_cost_usd > left;
  const most = spent_unknown > 0 ? "at most " : "";
  return [
    `budget: ${most}${usdText(left)} left of ${usdText(budget_usd)}${short ? ", which is not enough" : ""}`,
  ];
}

function timeLine(arms: readonly ArmRow[], total: PlanTotal): string {
  const what = "expected time";
  if (total.left_ms !== null)
    return `${what}: ${roughDuration(total.left_ms)} (${total.pairs_at_a_time} pairs and ${total.suites_at_a_time} suites at a time)`;
  const missing = arms.flatMap(({ arm, run_work_ms, eval_work_ms }) => {
    if (run_work_ms === null) return [{ arm, lacks: "finished" }];
    return eval_work_ms === null ? [{ arm, lacks: "evaluated" }] : [];
  });
  const groups = Map.groupBy(missing, ({ lacks }) => lacks);
  const whys = [...groups].map(([lacks, all]) => {
    const names = all.map(({ arm }) => arm).join(", ");
    return `${names}: no ${lacks} attempt like ${all.length > 1 ? "theirs" : "it"} in the ledger`;
  });
  return `${what}: unknown (${whys.join("; ")})`;
}

function comparisonLine(row: ComparisonRow): string {
  const share = `${Math.round(100 * row.discordant)} %`;
  const basis =
    row.discordant_from_pairs === null
      ? `${share} of pairs assumed to differ`
      : `${share} of ${row.discordant_from_pairs} pairs differed before`;
  const pairs = plural(row.pairs, "pair");
  const found =
    row.detectable === null
      ? `${pairs} cannot show a difference`
      : `${pairs} can show a difference of ${(100 * row.detectable).toFixed(1)} points`;
  return `${row.arms}: ${found} (${basis})`;
}

function cost(amount: number | null): string {
  return amount === null ? "unknown" : usdText(amount);
}
