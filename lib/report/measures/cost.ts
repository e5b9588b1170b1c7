// Owns what work cost: tokens by kind, US dollars, steps and times, by agent and by attempt.
import type { Ledger } from "../../../db/ledger.ts";
import type { SpentRow } from "../../../db/measures.ts";
import type { ReportLine } from "../line.ts";
import { knownSum } from "../stats/index.ts";
import { byRun, type MeasureScope, spreadColumns } from "./measure.ts";

/** In this order; `tokens` are those of all kinds, of which reasoning is a part of the output. */
const SUMMED = [
  "cost_usd",
  "tokens",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "steps",
  "model_ms",
  "summaries",
  "summary_tokens",
  "summary_cost_usd",
] as const;
type Measure = (typeof SUMMED)[number] | "wall_ms";
type Spent = Readonly<Record<Measure, number | null>>;
const UNITS: Readonly<Record<Measure, string>> = {
  cost_usd: "USD",
  tokens: "tokens",
  input_tokens: "tokens",
  output_tokens: "tokens",
  cache_read_tokens: "tokens",
  cache_write_tokens: "tokens",
  reasoning_tokens: "tokens",
  steps: "calls",
  wall_ms: "ms",
  model_ms: "ms",
  summaries: "calls",
  summary_tokens: "tokens",
  summary_cost_usd: "USD",
};
const MEASURES = Object.keys(UNITS) as readonly Measure[];
/** What may be 0 in a whole run: then it has no line. */
const OPTIONAL: ReadonlySet<Measure> = new Set([
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "summaries",
  "summary_tokens",
  "summary_cost_usd",
] as const);

/**
 * One line per run, unit (`agent`: one agent of one attempt; `attempt`: its agents together, wall time from its first
 * start to its last end) and measure: quartiles, mean and the run's total. Costs name the price tables that made
 * them. Tokens, cost and model time hold the summaries that compaction made, which also have lines of their own. An
 * unknown amount is counted as unknown, makes its attempt unknown, and is outside the total. Caches, reasoning and summaries
 * of which all is 0 have no line.
 */
export function costLines(ledger: Ledger, scope: MeasureScope): ReportLine[] {
  return byRun(ledger.measures.spent(scope), scope).flatMap(([run, own]) => {
    const agents = own.map((row): Spent => ({ ...row, tokens: tokensOf(row) }));
    const attempts = [...Map.groupBy(own, ({ attempt_key }) => attempt_key).values()];
    const prices = [...new Set(own.flatMap((row) => row.prices ?? []))].sort().join("; ");
    const labels = { run, setting: own[0]?.setting ?? null };
    return [
      ...lines(agents, { ...labels, unit: "agent" }, prices),
      ...lines(attempts.map(together), { ...labels, unit: "attempt" }, prices),
    ];
  });
}

function lines(spent: readonly Spent[], labels: ReportLine, prices: string): ReportLine[] {
  return MEASURES.filter((measure) => !isIdle(measure, spent)).map((measure) => ({
    ...labels,
    measure,
    measured_in: UNITS[measure],
    ...spreadColumns(spent.map((one) => one[measure])),
    prices: UNITS[measure] === "USD" ? prices : null,
  }));
}

function isIdle(measure: Measure, spent: readonly Spent[]): boolean {
  return OPTIONAL.has(measure) && spent.every((one) => one[measure] === 0);
}

function together(agents: readonly SpentRow[]): Spent {
  const rows = agents.map((row) => ({ ...row, tokens: tokensOf(row) }));
  const sums = SUMMED.map((measure) => [measure, knownSum(rows.map((row) => row[measure]))]);
  return { ...Object.fromEntries(sums), wall_ms: agents[0]?.attempt_wall_ms ?? null };
}

function tokensOf(row: SpentRow): number | null {
  return knownSum([
    row.input_tokens,
    row.output_tokens,
    row.cache_read_tokens,
    row.cache_write_tokens,
  ]);
}
