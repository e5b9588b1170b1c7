// Owns the part `conflict`: how many naive merges conflict, and what kept others from merging.
import { ratesChart } from "../chart.ts";
import {
  ATTEMPTS,
  CONFLICT_BY_TASK,
  CONFLICT_WILSON,
  CONFLICTS,
  count,
  number,
  RUN,
  rate,
} from "../columns.ts";
import { scopeOf } from "../context.ts";
import { conflictLines } from "../measures/conflicts.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "conflict",
  label: "Naive merges that conflict, and what kept others from merging",
  empty: "no run is coop",
  by: ["run"],
  columns: {
    ...RUN,
    faults: count("attempts that met a fault before they were merged", { hidden_if_zero: true }),
    ...CONFLICTS,
    ...CONFLICT_BY_TASK,
    ...CONFLICT_WILSON,
    median_sections: number("sections of the median conflict"),
    median_score: number("score of the median conflict"),
    low_severity: count("conflicts with a score above 0 and at most 20"),
    medium_severity: count("conflicts with a score above 20 and at most 50"),
    high_severity: count("conflicts with a score above 50 and at most 100"),
    critical_severity: count("conflicts with a score above 100"),
    apply_failed: count("attempts with a patch that does not apply", { hidden_if_zero: true }),
    empty: count("attempts with an empty patch", { hidden_if_zero: true }),
    apply_failed_share: rate("share of the attempts with a patch that does not apply"),
    empty_share: rate("share of the attempts with an empty patch"),
    fault_share: rate("share of the attempts with a fault"),
    unmerged: count("attempts that wait for their merge"),
    ...ATTEMPTS,
  },
  source: [
    SOURCES.measures,
    SOURCES.anatomy,
    SOURCES.conflictRate,
    SOURCES.clustered,
    SOURCES.spread,
  ],
  rows: (context) => conflictLines(context.ledger, scopeOf(context)),
  chapter: "Merging",
  legend: "Thick line: 95 % Wilson interval. Thin line: the interval with tasks as clusters.",
  chart: (rows, who) =>
    ratesChart(rows, {
      who,
      label: ({ run }) => String(run),
      rate: "conflict_rate",
      interval: "conflict_wilson",
      outer: "conflict_by_task",
      of: ({ conflicts, merged }) => [Number(conflicts ?? 0), Number(merged ?? 0)],
    }),
};
