// Owns the charts that compare runs: rates with their intervals, how pairs ended, cost against success.
import type { RateBar, ShareBar } from "../report/chart.ts";
import type { RunData } from "./data.ts";
import type { Html } from "./html.ts";
import { firstLine, percent } from "./numbers.ts";
import type { Kit, PlotOptions } from "./plot.ts";

export const MARGIN_RIGHT = 20;
const SHORT = 560;
const LONGEST_LABEL = 26;
/** Shares of a drawing's width and height within which two labels would touch. */
const NEAR_ACROSS = 0.25;
const NEAR_UP = 0.055;

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
  return { narrow, marginLeft: narrow ? 8 : 16 + 6.6 * longest, step: narrow ? 38 : 26 };
}

/** Rates as points with intervals on one scale from 0 to 100 %, a row each. */
export function forest(kit: Kit, rows: readonly Interval[], width: number): Html {
  const { plot } = kit;
  const names = rows.map(({ label }) => label);
  const { narrow, marginLeft, step } = rowLabels(names, width);
  const known = rows.filter(({ rate }) => rate !== null);
  const outer = known.flatMap(({ outer: wide, ...row }) => (wide ? [{ ...row, ...wide }] : []));
  const bands = known.flatMap(({ bounds, label }) =>
    bounds && bounds[0] < bounds[1] ? [{ label, low: bounds[0], high: bounds[1] }] : [],
  );
  const marks = rows.filter(({ mark }) => typeof mark === "number");
  return kit.draw("Rates by run, with 95 % intervals", {
    ...frame(width, 46 + rows.length * step, marginLeft),
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
    ],
  });
}

/** Bars of 100 %, a row each, whose parts come in the order given. */
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
  let end = 0;
  let row = "";
  const placed = parts.map((part) => {
    if (part.label !== row) end = 0;
    row = part.label;
    end += part.share;
    const note = `${part.label}: ${part.name}, ${part.pairs} (${percent(part.share)})`;
    return { ...part, low: end - part.share, high: end, note, color: `var(--k-${part.key})` };
  });
  const wideEnough = placed.filter(({ share }) => share > (narrow ? 0.11 : 0.05));
  return kit.draw(title, {
    ...frame(width, 46 + labels.length * step, marginLeft),
    x: SHARE,
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

/** Points of runs: what an attempt used against the share that passed. */
export type Spent = {
  readonly label: string;
  readonly color: string;
  readonly x: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly note: string;
};

export function spentAgainstRate(
  kit: Kit,
  points: readonly Spent[],
  { width, unit }: { width: number; unit: string },
): Html {
  const { plot } = kit;
  const narrow = width < SHORT;
  return kit.draw(`Pass rate against ${unit}`, {
    ...frame(width, narrow ? 260 : 320, 48),
    marginTop: 26,
    marginRight: narrow ? 20 : 110,
    x: {
      domain: [0, 1.08 * Math.max(...points.map(({ x }) => x)) || 1],
      label: `${unit} →`,
      grid: true,
      ...(narrow ? { ticks: 4 } : {}),
    },
    y: { ...SHARE, label: "↑ passed", grid: true },
    marks: [
      plot.ruleY([0]),
      plot.ruleX(points, {
        x: "x",
        y1: "low",
        y2: "high",
        stroke: "color",
        strokeWidth: 3.5,
        strokeOpacity: 0.4,
      }),
      plot.text(spread(points), {
        x: "x",
        y: "at",
        text: (point: Spent) => shortLabel(point.label),
        dx: 9,
        textAnchor: "start",
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 3,
      }),
      plot.dot(points, { x: "x", y: "rate", r: 5, fill: "color", title: "note" }),
    ],
  });
}

/** Where labels stand: pushed up where two would overlap. */
function spread(points: readonly Spent[]): (Spent & { at: number })[] {
  const placed: (Spent & { at: number })[] = [];
  const width = Math.max(...points.map(({ x }) => x));
  for (const point of points.toSorted((a, b) => a.rate - b.rate)) {
    const near = placed.filter(({ x }) => Math.abs(x - point.x) <= width * NEAR_ACROSS);
    const least = Math.max(-1, ...near.map(({ at }) => at)) + NEAR_UP;
    placed.push({ ...point, at: Math.max(point.rate, least) });
  }
  return placed;
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

export function shortLabel(label: string): string {
  return firstLine(label, LONGEST_LABEL);
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
