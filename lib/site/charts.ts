// Owns the charts that compare runs: rates with their intervals, how pairs ended.

import { sumOf } from "../core/lists.ts";
import { FEWEST_DRAWN, type RateBar, type ShareBar } from "../report/chart.ts";
import type { RunData } from "./data.ts";
import type { Html } from "./html.ts";
import { firstLine, percent } from "./numbers.ts";
import type { Kit, PlotOptions } from "./plot.ts";

export const MARGIN_RIGHT = 20;
export const SHORT = 560;
const LONGEST_LABEL = 30;
/** Room for `505 of 652` beside a row. */
const COUNTS_WIDTH = 84;
/** Of fewer a share is a number of attempts: bars then are as long as these are many. */
const SHARES_FROM = 30;
/** More rows than this stand closer. */
const MANY_ROWS = 24;

/** One line of a forest plot, with its colour and label. */
export type Interval = Omit<RateBar, "who"> & { readonly color: string; readonly note: string };

/** The colour of a run: by who worked. */
export function runColor({ kind }: Pick<RunData, "kind">): string {
  return `var(--${kind})`;
}

/** The left margin and label of rows: next to the drawing where there is room, otherwise above each row. */
export function rowLabels(labels: readonly string[], width: number) {
  const longest = Math.max(0, ...labels.map((label) => Math.min(label.length, LONGEST_LABEL)));
  const narrow = width < SHORT;
  const step = narrow ? 38 : labels.length > MANY_ROWS ? 17 : 26;
  return { narrow, marginLeft: narrow ? 14 : 16 + 6.6 * longest, step };
}

/** Rates as points with intervals on one scale from 0 to 100 %, a row each. */
export function forest(kit: Kit, rows: readonly Interval[], width: number): Html {
  const { plot } = kit;
  const names = rows.map(({ label }) => label);
  const { narrow, marginLeft, step } = rowLabels(names, width);
  const isFew = ({ of }: Interval) => of !== undefined && of[1] < FEWEST_DRAWN;
  const known = rows.filter((row) => row.rate !== null && !isFew(row));
  const counts = rows.flatMap(({ label, of }) =>
    of === undefined ? [] : [{ label, text: `${of[0]} of ${of[1]}` }],
  );
  const outer = known.flatMap(({ outer: wide, ...row }) => (wide ? [{ ...row, ...wide }] : []));
  const bands = known.flatMap(({ bounds, label }) =>
    bounds && bounds[0] < bounds[1] ? [{ label, low: bounds[0], high: bounds[1] }] : [],
  );
  const marks = known.filter(({ mark }) => typeof mark === "number");
  return kit.draw("Rates by run, with 95 % intervals", {
    ...frame(width, 46 + rows.length * step, marginLeft),
    ...(counts.length > 0 && !narrow ? { marginRight: COUNTS_WIDTH } : {}),
    x: { ...SHARE, grid: true },
    y: { domain: names, axis: null, padding: 0.4 },
    marks: [
      plot.ruleX([0]),
      ...labelMarks(kit, names, narrow),
      plot.barX(bands, { y: "label", x1: "low", x2: "high", fill: "var(--band)" }),
      plot.ruleY(outer, { y: "label", x1: "low", x2: "high", stroke: "color", strokeWidth: 1 }),
      plot.ruleY(known, {
        y: "label",
        x1: "low",
        x2: "high",
        stroke: "color",
        strokeWidth: 3.5,
        strokeOpacity: 0.55,
      }),
      plot.tickX(marks, {
        y: "label",
        x: "mark",
        stroke: "var(--ink)",
        strokeWidth: 1.5,
        strokeDasharray: "2,2",
      }),
      plot.dot(known, { y: "label", x: "rate", r: 4.5, fill: "color", title: "note" }),
      plot.text(counts, {
        y: "label",
        text: "text",
        frameAnchor: "right",
        textAnchor: narrow ? "end" : "start",
        dx: narrow ? 0 : 14,
        dy: narrow ? -16 : 0,
        fill: "var(--ink)",
      }),
    ],
  });
}

/** Bars, a row each, whose parts come in the order given: of 100 %, or of numbers where any row has few. */
export function stacked(
  kit: Kit,
  {
    parts,
    labels,
    title,
  }: { parts: readonly ShareBar[]; labels: readonly string[]; title: string },
  width: number,
): Html {
  const { plot } = kit;
  const { narrow, marginLeft, step } = rowLabels(labels, width);
  const totals = [...Map.groupBy(parts, ({ label }) => label).values()].map((own) =>
    sumOf(own, ({ pairs }) => pairs),
  );
  const counted = totals.some((total) => total < SHARES_FROM);
  const most = counted ? Math.max(...totals) : 1;
  let end = 0;
  let row = "";
  const placed = parts.map((part) => {
    const size = counted ? part.pairs : part.share;
    if (part.label !== row) end = 0;
    row = part.label;
    end += size;
    const note = `${part.label}: ${part.name}, ${part.pairs}${counted ? "" : ` (${percent(part.share)})`}`;
    return { ...part, low: end - size, high: end, note, color: `var(--k-${part.key})` };
  });
  const wideEnough = placed.filter(({ low, high }) => (high - low) / most > (narrow ? 0.11 : 0.05));
  return kit.draw(title, {
    ...frame(width, 46 + labels.length * step, marginLeft),
    x: counted
      ? { domain: [0, most], label: null, ticks: Math.min(5, most), tickFormat: whole }
      : SHARE,
    y: { domain: [...labels], axis: null, padding: narrow ? 0.5 : 0.25 },
    marks: [
      ...labelMarks(kit, labels, narrow),
      plot.barX(placed, {
        y: "label",
        x1: "low",
        x2: "high",
        fill: "color",
        title: "note",
        insetRight: 1,
      }),
      plot.text(wideEnough, {
        y: "label",
        x: (part: { low: number; high: number }) => (part.low + part.high) / 2,
        text: "pairs",
        fill: "var(--on-key)",
        pointerEvents: "none",
      }),
    ],
  });
}

/** A number of attempts; ticks between two of them have no label. */
function whole(count: number): string {
  return Number.isInteger(count) ? String(count) : "";
}

/** Labels of rows, as marks: left of the frame, or above each row. */
export function labelMarks(kit: Kit, labels: readonly string[], narrow: boolean) {
  const rows = labels.map((label) => ({ label, text: shortLabel(label) }));
  return [
    kit.plot.text(rows, {
      y: "label",
      text: "text",
      frameAnchor: "left",
      textAnchor: narrow ? "start" : "end",
      dx: narrow ? 0 : -8,
      dy: narrow ? -16 : 0,
      fill: "var(--ink)",
      title: "label",
    }),
  ];
}

/** Names of runs differ most at their ends: what is too long loses its middle. */
export function shortLabel(label: string): string {
  const line = firstLine(label, Number.POSITIVE_INFINITY);
  if (line.length <= LONGEST_LABEL) return line;
  const head = line.slice(0, 10).toWellFormed();
  return `${head}…${line.slice(line.length - (LONGEST_LABEL - 11)).toWellFormed()}`;
}

/** What all drawings share. */
export function frame(width: number, height: number, marginLeft: number): PlotOptions {
  return {
    width,
    height,
    marginLeft,
    marginRight: MARGIN_RIGHT,
    marginTop: 12,
    marginBottom: 34,
  };
}

export const SHARE = {
  domain: [0, 1],
  label: null,
  tickFormat: (share: number) => `${Math.round(100 * share)} %`,
  ticks: 5,
} as const;
