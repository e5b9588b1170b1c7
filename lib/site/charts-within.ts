// Owns the charts that look inside runs: tasks as small multiples, distributions, curves over difficulty.
import { chunks } from "../core/lists.ts";
import { type CurveDot, FEWEST_DRAWN, type PlaceDot } from "../report/chart.ts";
import { frame, MARGIN_RIGHT, SHARE, shortLabel } from "./charts.ts";
import type { Html } from "./html.ts";
import type { Kit } from "./plot.ts";

const ROW_HEIGHT = 15;
/** Panels of a wide page, side by side. */
const ACROSS = 3;
const WIDE_FROM = 560;

/** One task, or repository, in one run, with its colour and label. */
export type TaskPoint = Omit<PlaceDot, "who" | "place"> & {
  readonly task: string;
  readonly color: string;
  readonly note: string;
};

/** One panel per run, one row per task; as many panels side by side as the width holds. */
export function taskPanels(kit: Kit, points: readonly TaskPoint[], width: number): Html[] {
  const { plot } = kit;
  const tasks = [...new Set(points.map(({ task }) => task))];
  const isFew = ({ of }: TaskPoint) => of[1] < FEWEST_DRAWN;
  const runs = [...new Set(points.map(({ run }) => run))];
  const across = width < WIDE_FROM ? 1 : Math.min(ACROSS, runs.length);
  const label = 12 + 6.4 * Math.max(0, ...tasks.map((task) => task.length));
  return chunks(runs, across).map((some) => {
    const own = points.filter(({ run }) => some.includes(run));
    const panels = some.map((run) => ({ run, text: shortLabel(run) }));
    return kit.draw(`Pass and conflict rates: ${some.join(", ")}`, {
      ...frame(
        label + ((width - label - MARGIN_RIGHT) * some.length) / across + MARGIN_RIGHT,
        66 + tasks.length * ROW_HEIGHT,
        label,
      ),
      marginTop: 30,
      fx: { domain: some, axis: null, padding: 0.2 },
      x: { ...SHARE, ticks: [0, 0.5, 1], tickFormat: panelTick, grid: true },
      y: { domain: tasks, label: null, tickSize: 0 },
      marks: [
        plot.text(panels, {
          fx: "run",
          text: "text",
          frameAnchor: "top-left",
          dy: -18,
          fontWeight: 600,
          fill: "var(--ink)",
          title: "run",
        }),
        plot.ruleY(
          own.filter((point) => point.low !== null && !isFew(point)),
          {
            fx: "run",
            y: "task",
            x1: "low",
            x2: "high",
            stroke: "color",
            strokeWidth: 3,
            strokeOpacity: 0.35,
          },
        ),
        plot.dot(
          own.filter((point) => point.conflict !== null && !isFew(point)),
          {
            fx: "run",
            y: "task",
            x: "conflict",
            symbol: "times",
            r: 3.2,
            stroke: "var(--k-conflict)",
            strokeWidth: 1.6,
            title: "note",
          },
        ),
        plot.dot(
          own.filter((point) => point.rate !== null && !isFew(point)),
          { fx: "run", y: "task", x: "rate", r: 3.6, fill: "color", title: "note" },
        ),
        plot.text(own.filter(isFew), {
          ...{ fx: "run", y: "task", x: 0, dx: 4, textAnchor: "start", fill: "var(--soft)" },
          text: ({ of }: TaskPoint) => (of[1] === 0 ? "none scored" : `${of[0]} of ${of[1]}`),
          title: "note",
        }),
      ],
    });
  });
}

/** Short, since the panels stand close. */
function panelTick(share: number): string {
  return share === 1 ? "100 %" : String(100 * share);
}

/**
 * How many `of` have which value, one small panel per run. `values` from `first` upwards; the last one includes all
 * above.
 */
export type Bin = {
  readonly run: string;
  readonly color: string;
  readonly bin: string;
  readonly n: number;
  readonly note: string;
};

export function histograms(
  kit: Kit,
  {
    bins,
    domain,
    label,
    title,
  }: { bins: readonly Bin[]; domain: readonly string[]; label: string; title: string },
  width: number,
): Html {
  const { plot } = kit;
  const runs = [...new Set(bins.map(({ run }) => run))];
  const panels = runs.map((run) => ({ run, text: shortLabel(run) }));
  const every = Math.ceil((domain.length * 26) / (width - 60));
  return kit.draw(title, {
    ...frame(width, 44 + runs.length * 64, 36),
    marginTop: 20,
    marginBottom: 36,
    fy: { domain: runs, axis: null, padding: 0.3 },
    x: {
      domain: [...domain],
      label: `${label} →`,
      padding: 0.12,
      tickSize: 0,
      ticks: domain.filter((_, at) => at % every === 0),
    },
    y: {
      label: null,
      ticks: 2,
      tickFormat: (n: number) => (Number.isInteger(n) ? String(n) : ""),
      grid: true,
    },
    marks: [
      plot.barY(bins, { fy: "run", x: "bin", y: "n", fill: "color", title: "note" }),
      plot.ruleY([0]),
      plot.text(panels, {
        fy: "run",
        text: "text",
        frameAnchor: "top-left",
        dy: -12,
        fontWeight: 600,
        fill: "var(--ink)",
        title: "run",
      }),
    ],
  });
}

/** A pass rate in one bucket of difficulty, with its colour and label. */
export type CurvePoint = Omit<CurveDot, "of"> & { readonly color: string; readonly note: string };

/** Rates over difficulty, one line per arm, with their intervals as bands. */
export function curves(kit: Kit, points: readonly CurvePoint[], width: number): Html {
  const { plot } = kit;
  const narrow = width < WIDE_FROM;
  const last = [...Map.groupBy(points, ({ arm }) => arm).values()].flatMap(
    (own) => own.at(-1) ?? [],
  );
  return kit.draw("Pass rate by difficulty", {
    ...frame(width, narrow ? 260 : 320, 48),
    marginTop: 26,
    marginRight: narrow ? 20 : 110,
    x: {
      domain: [0, 1],
      label: "difficulty: 1 − solo success →",
      grid: true,
      ticks: narrow ? 3 : 6,
    },
    y: { ...SHARE, label: "↑ passed", grid: true },
    marks: [
      plot.ruleY([0]),
      plot.areaY(points, {
        x: "difficulty",
        y1: "low",
        y2: "high",
        z: "arm",
        fill: "color",
        fillOpacity: 0.14,
      }),
      plot.lineY(points, {
        x: "difficulty",
        y: "rate",
        z: "arm",
        stroke: "color",
        strokeWidth: 1.8,
      }),
      plot.dot(points, { x: "difficulty", y: "rate", r: 4, fill: "color", title: "note" }),
      plot.text(last, {
        x: "difficulty",
        y: "rate",
        text: "arm",
        dx: 9,
        textAnchor: "start",
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 3,
      }),
    ],
  });
}

/** When something happened, as a share of its attempt's duration: one tick each, one row per run. */
export type Tick = {
  readonly run: string;
  readonly color: string;
  readonly share: number;
  /** Whether it was never read; null where that is not known. */
  readonly unread: boolean | null;
  readonly note: string;
};

export function ticks(kit: Kit, rows: readonly Tick[], width: number): Html {
  const { plot } = kit;
  const runs = [...new Set(rows.map(({ run }) => run))];
  const panels = runs.map((run) => ({ run, text: shortLabel(run) }));
  const opacity = Math.max(0.12, Math.min(0.9, 60 / Math.max(1, rows.length / runs.length)));
  return kit.draw("When messages were sent", {
    ...frame(width, 48 + runs.length * 46, 12),
    marginTop: 20,
    marginBottom: 36,
    fy: { domain: runs, axis: null, padding: 0.42 },
    x: { ...SHARE, label: "of the attempt's duration →", grid: true },
    marks: [
      plot.tickX(rows, {
        fy: "run",
        x: "share",
        stroke: "color",
        strokeWidth: 2,
        strokeOpacity: opacity,
        title: "note",
      }),
      plot.text(panels, {
        fy: "run",
        text: "text",
        frameAnchor: "top-left",
        dy: -12,
        fontWeight: 600,
        fill: "var(--ink)",
        title: "run",
      }),
    ],
  });
}
