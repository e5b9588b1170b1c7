// Owns what runs used: cost or tokens against success, and medians of cost, tokens, steps and time.
import { runColor, type Spent, spentAgainstRate } from "./charts.ts";
import type { RunData, SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, percent, plural, usd } from "./numbers.ts";
import type { Figure } from "./parts.ts";
import { SOURCES } from "./source.ts";

/** Cost against success; if nothing cost anything, tokens against success. */
export function spentFigure(site: SiteData): Figure {
  const modelled = site.runs.filter(({ run, rate }) => run.model !== null && rate.rate !== null);
  const paid = modelled.some(({ rows }) => rows.some(({ cost_usd }) => (cost_usd ?? 0) > 0));
  const points = modelled.flatMap((run) => spentPoint(site, run, paid));
  const unknown = modelled.filter(({ name }) => !points.some(({ label }) => label === name));
  return {
    id: "cost",
    title: paid ? "Cost against success" : "Tokens against success",
    caption: html`Mean ${paid ? "US dollars" : "tokens of all kinds"} per attempt, all agents together, and the pass rate with its 95 % Wilson interval.${!paid && points.length > 0 && ` ${insteadOfCost(modelled)}`}${unknown.length > 0 && ` Omitted because something is unknown: ${unknown.map(({ name }) => name).join(", ")}.`}`,
    sources: [SOURCES.outcomes, SOURCES.agents, SOURCES.rate],
    missing: points.length === 0 ? "No run of a model whose cost is known." : undefined,
    draw: (kit, width) => [
      spentAgainstRate(kit, points, {
        width,
        unit: paid ? "US dollars per attempt" : "tokens per attempt",
      }),
    ],
    data: {
      columns: [
        { title: "run" },
        { title: paid ? "US dollars per attempt" : "tokens per attempt", number: true },
        { title: "pass rate", number: true },
      ],
      rows: points.map(({ label, x, rate }) => [
        label,
        paid ? usd(x) : count(Math.round(x)),
        percent(rate),
      ]),
    },
  };
}

/** Why tokens stand in for cost. */
function insteadOfCost(runs: readonly RunData[]): string {
  const free = runs.every(({ rows }) => rows.every(({ cost_usd }) => cost_usd === 0));
  return free
    ? "Nothing cost anything (replays, caches, free models), so tokens stand in for cost."
    : "No price is known, so tokens stand in for cost.";
}

function spentPoint({ agents }: SiteData, run: RunData, paid: boolean): Spent[] {
  const { rate, name, rows } = run;
  const own = agents.filter((row) => row.run === name).map(({ agent }) => agent);
  const sum = own.reduce<number | null>((total, agent) => {
    const spent = paid ? agent.cost_usd : tokensOf(agent);
    return total === null || spent === null ? null : total + spent;
  }, 0);
  const attempts = rows.filter(({ fault }) => fault === null).length;
  if (
    sum === null ||
    own.length === 0 ||
    attempts === 0 ||
    rate.rate === null ||
    rate.wilson_low === null ||
    rate.wilson_high === null
  )
    return [];
  const x = sum / attempts;
  const note = `${name}: ${paid ? usd(x) : plural(Math.round(x), "token")} per attempt, ${percent(rate.rate)} passed`;
  return [
    {
      label: name,
      color: runColor(run),
      x,
      rate: rate.rate,
      low: rate.wilson_low,
      high: rate.wilson_high,
      note,
    },
  ];
}

/** Tokens of all kinds of an agent; null as soon as one kind is unknown. */
export function tokensOf(agent: SiteData["agents"][number]["agent"]): number | null {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = agent;
  const kinds = [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens];
  return kinds.reduce<number | null>(
    (sum, kind) => (sum === null || kind === null ? null : sum + kind),
    0,
  );
}
