// Owns the part `runs`: how often each run passes, with its errors, merges and what it cost.
import { passedOf, ratesChart } from "../chart.ts";
import {
  BESIDE_PASSES,
  BY_REPO,
  BY_TASK,
  count,
  PASSES,
  RUN,
  SETTING,
  text,
  usd,
  WILSON,
} from "../columns.ts";
import { editionNotes } from "../editions.ts";
import { withIntervals } from "../intervals.ts";
import type { Part } from "../part.ts";
import { runLines } from "../report.ts";
import { serverNotes } from "../servers.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "runs",
  label: "Pass rate by run",
  summary:
    "pass_rate is passed over scored tries; brackets are 95 % intervals: by_task and by_repo take whole tasks and repositories as the unit, wilson treats tries as independent.",
  by: ["run"],
  columns: {
    ...RUN,
    ...SETTING,
    agent: text("name of the agent"),
    model: text("name of the model"),
    ...PASSES,
    ...BY_TASK,
    ...BY_REPO,
    ...WILSON,
    ...BESIDE_PASSES,
    cost_usd: usd("US dollars of what is known; empty when nothing is", {
      hidden_if_zero: true,
      missing: "no cost is known",
    }),
    cost_unknown: count("attempts with a cost that is not known: outside cost_usd", {
      hidden_if_zero: true,
    }),
    steps: count("model calls of all agents", { hidden_if_zero: true }),
    max_steps_per_agent: count("model calls that an agent may make"),
    max_steps_per_attempt: count("model calls that all agents of an attempt together may make"),
    messages: count("messages sent", { hidden_if_zero: true }),
  },
  source: [SOURCES.outcomes, SOURCES.rate, SOURCES.clustered, SOURCES.ceiling],
  async rows({ ledger, runs, groups, gold, tries }) {
    const rows = await withIntervals(runLines(groups(), gold()), await tries());
    return { rows, notes: [...editionNotes(ledger, runs), ...serverNotes(ledger, runs)] };
  },
  chapter: "Results",
  legend:
    "Thick line: 95 % Wilson interval. Thin line: the interval with tasks as clusters, which is the honest one where pairs of a task share features. Dashed tick: the gold ceiling. Grey band: the rate if all faults had failed, or passed.",
  chart: (rows, who) =>
    ratesChart(rows, {
      who,
      label: ({ run }) => String(run),
      rate: "pass_rate",
      interval: "wilson",
      outer: "by_task",
      mark: "gold_ceiling",
      of: passedOf,
      bounds: ["rate_if_faults_fail", "rate_if_faults_pass"],
    }),
};
