// Owns the data of the chart of cost against success, and what it says of runs that it cannot place.
import { type Chart, numberOf, type SpentDot, type WhoOf } from "./chart.ts";
import type { ReportLine } from "./line.ts";

/** One point per run whose amount and rate are known; a run that is free or unknown is named instead. */
export function frontierChart(rows: readonly ReportLine[], who: WhoOf): Chart {
  const measure = rows[0]?.measure === "usd" ? "usd" : "tokens";
  const placed = rows.filter((row) => isPlaced(row, measure));
  const points = placed.flatMap((row) => pointOf(row, measure, who));
  return {
    form: "spent",
    unit: measure === "usd" ? "US dollars per attempt" : "tokens per attempt",
    points,
    note: noteOf(rows, measure, points),
  };
}

function isPlaced(row: ReportLine, measure: "usd" | "tokens"): boolean {
  return measure === "usd" ? row.spending === "paid" : !row.tokens_unknown;
}

function pointOf(row: ReportLine, measure: "usd" | "tokens", who: WhoOf): SpentDot[] {
  const [x, rate, low, high] = [
    row[`mean_${measure}`],
    ...[row.pass_rate, row.wilson_low, row.wilson_high],
  ].map(numberOf);
  if (x == null || rate == null || low == null || high == null) return [];
  const [from, to] = [row[`mean_${measure}_low`], row[`mean_${measure}_high`]].map(numberOf);
  return [
    {
      ...{ label: String(row.run), who: who(row), x, rate, low, high },
      ...{ x_low: from ?? null, x_high: to ?? null },
      ...{ of: `${row.passed} of ${row.scored}`, same_pairs: row.same_pairs === true },
      frontier: row.frontier === true,
    },
  ];
}

function noteOf(
  rows: readonly ReportLine[],
  measure: "usd" | "tokens",
  points: readonly SpentDot[],
): string {
  const missing = rows.filter(({ run }) => !points.some(({ label }) => label === String(run)));
  const named = (of: (row: ReportLine) => boolean) =>
    missing.filter(of).map(({ run }) => String(run));
  const said = (names: readonly string[], why: string) =>
    names.length === 0 ? [] : [`Not drawn, ${why}: ${listed(names)}.`];
  const unknown = ({ spending }: ReportLine) => String(spending).startsWith("unknown");
  const isFree = ({ spending }: ReportLine) => spending === "free";
  if (measure === "usd")
    return [
      ...said(named(isFree), "since they cost nothing"),
      ...said(named(unknown), "since a cost is not known"),
      ...said(
        named(({ spending }) => spending === "paid"),
        "since nothing is scored",
      ),
    ].join(" ");
  const free = rows.length > 0 && rows.every(isFree);
  return [
    ...(points.length === 0 ? [] : [free ? FREE : NO_PRICE]),
    ...said(
      named(({ tokens_unknown }) => Boolean(tokens_unknown)),
      "since their tokens are not known",
    ),
    ...said(
      named(({ tokens_unknown }) => !tokens_unknown),
      "since nothing is scored",
    ),
  ].join(" ");
}

const FREE = "Nothing cost anything (replays, caches, free models): tokens stand in for cost.";
const NO_PRICE = "No cost is known to be above nothing: tokens stand in for cost.";
const MOST_NAMED = 6;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
