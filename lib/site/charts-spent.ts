// Owns the chart of cost against success: runs as points with intervals both ways, and the frontier among them.
import type { SpentDot } from "../report/chart.ts";
import { frame, SHARE, SHORT, shortLabel } from "./charts.ts";
import type { Html } from "./html.ts";
import { count, usd } from "./numbers.ts";
import type { Kit } from "./plot.ts";

/** Shares of a drawing's width and height within which two labels would touch. */
const NEAR_ACROSS = 0.25;
const NEAR_UP = 0.055;
/** Amounts that differ by more than this factor are told apart on a logarithmic scale only. */
const LINEAR_TO = 20;
/** Of more points only the ends of the frontier are named; all have titles, and are in the table. */
const MOST_NAMED = 12;

/** A run's point, with its colour and label. */
export type Spent = Omit<SpentDot, "who" | "of"> & {
  readonly color: string;
  readonly note: string;
};

export function spentAgainstRate(
  kit: Kit,
  points: readonly Spent[],
  { width, unit }: { width: number; unit: string },
): Html {
  const { plot } = kit;
  const narrow = width < SHORT;
  const frontier = points.filter((one) => one.frontier).toSorted((a, b) => a.x - b.x);
  const ends = [...new Set([...frontier.slice(0, 1), ...frontier.slice(-1)])];
  const named = points.length > MOST_NAMED ? ends : points;
  return kit.draw(`Pass rate against ${unit}`, {
    ...frame(width, narrow ? 280 : 340, 48),
    marginTop: 26,
    marginRight: narrow ? 20 : 150,
    x: scaleOf(points, { unit, narrow }),
    y: { ...SHARE, label: "↑ passed", grid: true },
    marks: [
      plot.ruleY([0]),
      plot.line(frontier.length > 1 ? frontier : [], {
        ...{ x: "x", y: "rate", curve: "step-after" },
        ...{ stroke: "var(--ink)", strokeDasharray: "4,3", strokeOpacity: 0.7 },
      }),
      plot.ruleX(points, {
        ...{ x: "x", y1: "low", y2: "high", stroke: "color" },
        ...{ strokeWidth: 3, strokeOpacity: 0.35 },
      }),
      plot.ruleY(
        points.filter(({ x_low }) => x_low !== null),
        {
          ...{ y: "rate", x1: "x_low", x2: "x_high", stroke: "color" },
          ...{ strokeWidth: 3, strokeOpacity: 0.35 },
        },
      ),
      plot.text(spread(named, narrow), {
        ...{ x: "x", y: "at", text: (point: Spent) => shortLabel(point.label) },
        dx: 9,
        textAnchor: "start",
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 3,
      }),
      plot.dot(points, {
        ...{ x: "x", y: "rate", r: 5, stroke: "color", strokeWidth: 1.8 },
        fill: ({ same_pairs, color }: Spent) => (same_pairs ? color : "var(--paper)"),
        title: "note",
      }),
    ],
  });
}

function scaleOf(points: readonly Spent[], { unit, narrow }: { unit: string; narrow: boolean }) {
  const ends = points.flatMap(({ x, x_low, x_high }) => [x, x_low ?? x, x_high ?? x]);
  const least = Math.min(...points.map(({ x }) => x));
  const most = Math.max(...ends);
  const paid = unit.startsWith("US dollars");
  const ticks = narrow ? { ticks: 4 } : {};
  if (least > 0 && most > LINEAR_TO * least) {
    const low = Math.min(...ends.filter((end) => end > 0));
    const domain = [Math.max(low, least / LINEAR_TO), 1.2 * most];
    return {
      type: "log",
      domain,
      clamp: true,
      // Plot names few enough of a logarithm's ticks only where the format is its own.
      tickFormat: paid ? "$~f" : "~s",
      label: `${unit}, logarithmic →`,
      labelAnchor: "center",
      grid: true,
      ...ticks,
    } as const;
  }
  return {
    domain: [0, 1.05 * most || 1],
    tickFormat: paid ? (x: number) => usd(x) : (x: number) => count(x),
    label: `${unit} →`,
    labelAnchor: "center",
    grid: true,
    ...ticks,
  } as const;
}

/** Where labels stand: pushed up where two, or a label and a point, would overlap. */
function spread(points: readonly Spent[], narrow: boolean): (Spent & { at: number })[] {
  const placed: (Spent & { at: number })[] = [];
  const width = Math.max(...points.map(({ x }) => x));
  const near = narrow ? 2 * NEAR_ACROSS : NEAR_ACROSS;
  for (const point of points.toSorted((a, b) => a.rate - b.rate)) {
    const close = placed.filter(({ x }) => Math.abs(x - point.x) <= width * near);
    const least = Math.max(-1, ...close.map(({ at }) => at)) + NEAR_UP;
    const hidden = points.some(
      ({ x, rate }) =>
        x > point.x && x - point.x <= width * near && Math.abs(rate - point.rate) < NEAR_UP,
    );
    placed.push({ ...point, at: Math.max(point.rate + (hidden ? NEAR_UP : 0), least) });
  }
  return placed;
}
