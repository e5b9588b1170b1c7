// Owns drawing the chart of a part: which drawing each form is, in which colours, with which text for each mark.
import type { Chart, ShareBar, Who } from "../report/chart.ts";
import { forest, stacked } from "./charts.ts";
import { spentAgainstRate } from "./charts-spent.ts";
import { curves, taskPanels } from "./charts-within.ts";
import type { Html } from "./html.ts";
import { percent, percentRange } from "./numbers.ts";
import { legendOf } from "./parts.ts";
import type { Kit } from "./plot.ts";

const WHO: Readonly<Record<Who, string>> = {
  coop: "coop: an agent for each feature",
  solo: "solo: one agent",
  gold: "gold: the reference patches",
};

/** The drawings of a chart, one below another. */
export function drawChart(
  kit: Kit,
  { chart, title }: { readonly chart: Chart; readonly title: string },
  width: number,
): readonly Html[] {
  if (chart.form === "rates") return [forest(kit, chart.rows.map(bar), width)];
  if (chart.form === "shares") {
    const labels = [...new Set(chart.rows.map(({ label }) => label))];
    return [stacked(kit, { parts: chart.rows, labels, title }, width)];
  }
  if (chart.form === "places") return taskPanels(kit, chart.rows.map(dot), width);
  if (chart.form === "spent")
    return [spentAgainstRate(kit, chart.points.map(spentPoint), { width, unit: chart.unit })];
  return [curves(kit, chart.points.map(point), width)];
}

/** Whether there is nothing to draw. */
export function isBlank(chart: Chart): boolean {
  if (chart.form === "curves" || chart.form === "spent") return chart.points.length === 0;
  if (chart.form !== "places") return chart.rows.length === 0;
  return chart.rows.every(({ rate, conflict }) => rate === null && conflict === null);
}

export function legendFor(chart: Chart): Html | undefined {
  if (chart.form === "places") return legendOf([{ key: "conflict", label: "conflict rate" }]);
  if (chart.form === "curves") return undefined;
  if (chart.form === "spent") return legendOfWho(chart.points);
  if (chart.form === "shares") return legendOf(keysOf(chart.rows));
  return legendOfWho(chart.rows);
}

function legendOfWho(rows: readonly { readonly who: Who }[]): Html {
  const present = new Set(rows.map(({ who }) => who));
  const kinds = (["coop", "solo", "gold"] as const).filter((who) => present.has(who));
  return legendOf(kinds.map((key) => ({ key, label: WHO[key] })));
}

function keysOf(rows: readonly ShareBar[]) {
  return [...new Map(rows.map(({ key, name }) => [key, { key, label: name }])).values()];
}

type Of<Form extends Chart["form"]> = Extract<Chart, { form: Form }>;

function bar(row: Of<"rates">["rows"][number]) {
  const range = percentRange(row.low, row.high);
  const counted = row.of === undefined ? "" : `${row.of[0]} of ${row.of[1]}, `;
  const note = `${row.label}: ${counted}${percent(row.rate)} (95 %: ${range})`;
  return { ...row, color: colorOf(row.who), note };
}

function dot({ place, ...row }: Of<"places">["rows"][number]) {
  const { of, conflicts_of: conflicts } = row;
  const merges =
    conflicts === null
      ? ""
      : `; ${conflicts} ${conflicts === 1 ? "merge conflicts" : "merges conflict"}`;
  const note = `${row.run}, ${place}: ${of[0]} of ${of[1]} passed${merges}`;
  return { ...row, task: place, color: colorOf(row.who), note };
}

function spentPoint({ of, who, ...dot }: Of<"spent">["points"][number]) {
  const note = `${dot.label}: ${Number(dot.x.toPrecision(3))} per attempt, ${of} passed (95 %: ${percentRange(dot.low, dot.high)})${dot.frontier ? ", on the frontier" : ""}`;
  return { ...dot, color: colorOf(who), note };
}

function point({ of, ...dot }: Of<"curves">["points"][number]) {
  const range = percentRange(dot.low, dot.high);
  const note = `${dot.arm}, difficulty ${dot.difficulty.toFixed(2)}: ${of}, ${percent(dot.rate)} (${range})`;
  return { ...dot, color: colorOf(dot.arm), note };
}

function colorOf(who: Who): string {
  return `var(--${who})`;
}
