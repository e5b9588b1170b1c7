// Owns the figures that look inside runs: tasks, sections of conflicts, messages by number and by time.

import { conflictsOf } from "../report/report.ts";
import { runColor } from "./charts.ts";
import { type Bin, histograms, type TaskPoint, taskPanels } from "./charts-within.ts";
import { type RunData, rateOf, type SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, percent, percentRange, plural } from "./numbers.ts";
import { type Figure, legendOf } from "./parts.ts";
import { SOURCES } from "./source.ts";

const MOST_SECTIONS = 12;
const MOST_MESSAGES = 24;
/** So that few values do not make bars as broad as the page. */
const FEWEST_BINS = 8;

/** Repositories, then tasks, as small multiples. */
export function placesFigures({ runs }: SiteData): Figure[] {
  return [
    placesFigure(runs, { id: "repositories", title: "By repository", place: "repository" }),
    placesFigure(runs, { id: "tasks", title: "By task", place: "task" }),
  ];
}

type Places = {
  readonly id: string;
  readonly title: string;
  readonly place: "repository" | "task";
};

function placesFigure(runs: readonly RunData[], { id, title, place }: Places): Figure {
  const points = runs.flatMap((run) => pointsOf(run, place));
  const known = points.some(({ rate, conflict }) => rate !== null || conflict !== null);
  return {
    id,
    title,
    caption: html`A panel a run, a row a ${place}. Dot: pass rate, with its 95 % Wilson interval. Cross: share of naive merges that conflict.`,
    sources: [SOURCES.rateOf, SOURCES.rate, SOURCES.conflictRate, SOURCES.conflictQuery],
    legend: legendOf([{ key: "conflict", label: "conflict rate" }]),
    missing: known ? undefined : "Nothing is merged or evaluated yet.",
    draw: (kit, width) => taskPanels(kit, points, width),
    data: {
      columns: [
        { title: "run" },
        { title: place },
        { title: "pairs", number: true },
        { title: "passed", number: true },
        { title: "Wilson 95 %", number: true },
        { title: "conflicts", number: true },
      ],
      rows: points.map((point) => [
        point.run,
        point.task,
        count(point.pairs),
        percent(point.rate),
        percentRange(point.low, point.high),
        percent(point.conflict),
      ]),
    },
  };
}

function pointsOf(run: RunData, place: Places["place"]): (TaskPoint & { pairs: number })[] {
  const short = (repo: string) => repo.replace(/_task$/, "");
  const groups = Map.groupBy(run.rows, ({ repo, task_id }) =>
    place === "task" ? `${short(repo)} ${task_id}` : short(repo),
  );
  return [...groups].map(([task, rows]) => {
    const rate = rateOf(rows);
    const conflict = conflictsOf(rows);
    const note = [
      `${run.name}, ${task}`,
      `${rate.passed} of ${rate.attempted} passed`,
      `${conflict.conflicts} of ${conflict.merged} merges conflict`,
    ];
    return {
      run: run.name,
      color: runColor(run),
      task,
      rate: rate.rate,
      low: rate.wilson_low,
      high: rate.wilson_high,
      conflict: run.kind === "solo" ? null : conflict.rate,
      note: note.join("; "),
      pairs: rows.length,
    };
  });
}

/** Sections of conflicts: how large conflicts are. */
export function sectionsFigure({ runs }: SiteData): Figure {
  const bins = runs.flatMap((run) =>
    binsOf(run, { values: run.sections, most: MOST_SECTIONS, what: "conflict", unit: "section" }),
  );
  return {
    id: "sections",
    title: "Sections of a conflict",
    caption: html`How many places conflict in one naive merge. Score of a conflict: 20 · sections + 2 · lines between the markers.`,
    sources: [SOURCES.conflictRate, SOURCES.anatomy],
    missing: bins.length === 0 ? "No naive merge conflicts." : undefined,
    draw: (kit, width) => [
      histograms(
        kit,
        {
          bins,
          domain: domainOf(bins, 1, MOST_SECTIONS),
          label: "sections",
          title: "Sections of conflicts by run",
        },
        width,
      ),
    ],
    data: {
      columns: binColumns("sections", "conflicts"),
      rows: bins.map(({ run, bin, n }) => [run, bin, count(n)]),
    },
  };
}

/** How many messages attempts exchanged. */
export function messagesFigure({ runs }: SiteData): Figure {
  const talking = runs.filter(({ run, kind }) => kind === "coop" && run.model !== null);
  const bins = talking.flatMap((run) => {
    const values = run.rows.flatMap(({ messages }) => messages ?? []);
    return binsOf(run, { values, most: MOST_MESSAGES, what: "attempt", unit: "message" });
  });
  return {
    id: "messages",
    title: "Messages of an attempt",
    caption: html`Coop attempts by the number of messages that all agents sent together.`,
    sources: [SOURCES.outcomesView, SOURCES.firstMessages],
    missing: bins.length === 0 ? "No coop run of a model." : undefined,
    draw: (kit, width) => [
      histograms(
        kit,
        {
          bins,
          domain: domainOf(bins, 0, MOST_MESSAGES),
          label: "messages",
          title: "Messages by attempt and run",
        },
        width,
      ),
    ],
    data: {
      columns: binColumns("messages", "attempts"),
      rows: bins.map(({ run, bin, n }) => [run, bin, count(n)]),
    },
  };
}

type Counted = {
  readonly values: readonly number[];
  readonly most: number;
  readonly what: string;
  readonly unit: string;
};

function binsOf(run: RunData, { values, most, what, unit }: Counted): Bin[] {
  const color = runColor(run);
  const name = (value: number) => (value >= most ? `${most}+` : String(value));
  const byValue = Map.groupBy(
    [...values].sort((a, b) => a - b),
    name,
  );
  return [...byValue].map(([bin, own]) => ({
    run: run.name,
    color,
    bin,
    n: own.length,
    note: `${run.name}: ${plural(own.length, what)} with ${bin} ${unit}${bin === "1" ? "" : "s"}`,
  }));
}

/** All values up to the largest that occurs, so that gaps show as gaps. */
function domainOf(bins: readonly Bin[], first: number, most: number): string[] {
  const largest = Math.max(...bins.map(({ bin }) => Number.parseInt(bin, 10)));
  const last = Math.max(largest, Math.min(most - 1, first + FEWEST_BINS - 1));
  const whole = Array.from({ length: Math.min(last, most - 1) - first + 1 }, (_, at) =>
    String(first + at),
  );
  return last >= most ? [...whole, `${most}+`] : whole;
}

function binColumns(value: string, what: string) {
  return [{ title: "run" }, { title: value }, { title: what, number: true }];
}
