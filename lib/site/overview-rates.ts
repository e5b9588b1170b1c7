// Owns the figures about how often runs pass and how often their merges conflict.
import { forest, type Interval, runColor } from "./charts.ts";
import type { RunData, SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, percent, percentRange } from "./numbers.ts";
import { type Figure, legendOf } from "./parts.ts";
import { SOURCES } from "./source.ts";

/** Pass rates of all runs on one scale. */
export function rateFigure({ runs, policy }: SiteData): Figure {
  const scored = runs.filter(({ rate }) => rate.attempted > 0);
  return {
    id: "pass-rates",
    title: "Pass rates",
    caption: html`Passed pairs over all pairs attempted, under the policy <b>${policy}</b>. Thick line: 95 % Wilson interval. Thin line:
interval with tasks as clusters, which is the honest one where pairs of a task share features. Dashed tick: the gold ceiling, what the
reference patches reach when they are merged the same way. Grey band: the rate if all faults had failed, or passed.`,
    sources: [SOURCES.rate, SOURCES.clustered, SOURCES.ceiling],
    legend: legendOf(kinds(scored)),
    missing: scored.length === 0 ? "No pair is evaluated yet." : undefined,
    draw: (kit, width) => [forest(kit, scored.map(rateInterval), width)],
    data: {
      columns: [
        { title: "run" },
        { title: "passed", number: true },
        { title: "attempted", number: true },
        { title: "rate", number: true },
        { title: "Wilson 95 %", number: true },
        { title: "clustered 95 %", number: true },
        { title: "gold ceiling", number: true },
        { title: "faults", number: true },
        { title: "if faults fail … pass", number: true },
      ],
      rows: scored.map(({ name, rate, ceiling }) => [
        name,
        count(rate.passed),
        count(rate.attempted),
        percent(rate.rate),
        percentRange(rate.wilson_low, rate.wilson_high),
        rate.by_task.low === null
          ? rate.by_task.reason
          : percentRange(rate.by_task.low, rate.by_task.high),
        percent(ceiling),
        count(rate.faults),
        percentRange(rate.rate_if_faults_fail, rate.rate_if_faults_pass),
      ]),
    },
  };
}

function kinds(runs: readonly RunData[]) {
  const names = {
    coop: "coop: an agent for each feature",
    solo: "solo: one agent",
    gold: "gold: the reference patches",
  };
  const present = new Set(runs.map(({ kind }) => kind));
  return (["coop", "solo", "gold"] as const)
    .filter((kind) => present.has(kind))
    .map((kind) => ({ key: kind, label: names[kind] }));
}

function rateInterval(run: RunData): Interval {
  const { rate, ceiling, name } = run;
  return {
    label: name,
    color: runColor(run),
    rate: rate.rate,
    low: rate.wilson_low,
    high: rate.wilson_high,
    outer: rate.by_task.low === null ? undefined : rate.by_task,
    mark: ceiling,
    bounds:
      rate.faults === 0
        ? undefined
        : [rate.rate_if_faults_fail ?? 0, rate.rate_if_faults_pass ?? 1],
    note: `${name}: ${rate.passed} of ${rate.attempted} passed, ${percent(rate.rate)} (Wilson ${percentRange(rate.wilson_low, rate.wilson_high)})`,
  };
}

/** Naive conflicts of all coop runs. */
export function conflictFigure({ runs }: SiteData): Figure {
  const merged = runs.filter(({ conflict, kind }) => conflict.merged > 0 && kind !== "solo");
  return {
    id: "conflicts",
    title: "Merge conflicts",
    caption: html`Naive merges that conflict, over the pairs whose patches all apply and are not empty. 95 % Wilson interval.`,
    sources: [SOURCES.merging, SOURCES.rate, SOURCES.goldQuery],
    missing: merged.length === 0 ? "No pair is merged yet." : undefined,
    draw: (kit, width) => [
      forest(
        kit,
        merged.map((run) => ({
          label: run.name,
          color: runColor(run),
          ...run.conflict,
          note: `${run.name}: ${run.conflict.conflicts} of ${run.conflict.merged} conflict, ${percent(run.conflict.rate)}`,
        })),
        width,
      ),
    ],
    data: {
      columns: [
        { title: "run" },
        { title: "conflicts", number: true },
        { title: "merged", number: true },
        { title: "rate", number: true },
        { title: "Wilson 95 %", number: true },
        { title: "median sections", number: true },
      ],
      rows: merged.map(({ name, conflict, sections }) => [
        name,
        count(conflict.conflicts),
        count(conflict.merged),
        percent(conflict.rate),
        percentRange(conflict.low, conflict.high),
        middle(sections),
      ]),
    },
  };
}

function middle(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high = low] = sorted.slice(
    Math.ceil(sorted.length / 2) - 1,
    Math.floor(sorted.length / 2) + 1,
  );
  return low === undefined || high === undefined ? "–" : String((low + high) / 2);
}
