// Owns the figures that look inside runs: tasks, sections of conflicts, messages by number and by time.
import { runColor } from "./charts.ts";
import {
  type Bin,
  histograms,
  type TaskPoint,
  type Tick,
  taskPanels,
  ticks,
} from "./charts-within.ts";
import { conflictRate, type RunData, rateOf, type SiteData } from "./data.ts";
import { html } from "./html.ts";
import { count, duration, percent, percentRange, plural } from "./numbers.ts";
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
    const conflict = conflictRate(rows);
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

/** When agents talk: each message at its share of the attempt's duration. */
export function timelineFigure({ runs, messages }: SiteData): Figure {
  const colors = new Map(runs.map((run) => [run.name, runColor(run)]));
  const rows = messages.flatMap((message): Tick[] => {
    if (message.sent_at === null || message.wall_ms <= 0) return [];
    const after = Date.parse(message.sent_at) - Date.parse(message.started_at);
    const share = Math.min(1, Math.max(0, after / message.wall_ms));
    if (Number.isNaN(share)) return [];
    const note = `${message.attempt_key}: ${message.sender} after ${duration(after)} (${percent(share)})${message.unread === 1 ? ", never read" : ""}`;
    return [
      {
        run: message.run,
        color: colors.get(message.run) ?? "var(--ink)",
        share,
        unread: message.unread === null ? null : message.unread === 1,
        note,
      },
    ];
  });
  const byRun = [...Map.groupBy(rows, ({ run }) => run)];
  return {
    id: "timeline",
    title: "When messages are sent",
    caption: html`Every message at its share of the attempt's duration. An agreement has to come early to help.`,
    sources: [SOURCES.messageTimes],
    missing: rows.length === 0 ? "No message with a known time." : undefined,
    draw: (kit, width) => [ticks(kit, gathered(rows), width)],
    data: {
      columns: [
        { title: "run" },
        { title: "messages", number: true },
        { title: "in the first quarter", number: true },
        { title: "never read", number: true },
      ],
      rows: byRun.map(([run, own]) => [
        run,
        count(own.length),
        count(own.filter(({ share }) => share < 0.25).length),
        own.every(({ unread }) => unread === null)
          ? "unknown"
          : count(own.filter(({ unread }) => unread).length),
      ]),
    },
  };
}

/** More ticks than this are drawn together. */
const MOST_TICKS = 400;

/** One tick for all messages of a run in the same part of the duration, where there are many: they would hide each other. */
function gathered(rows: readonly Tick[]): readonly Tick[] {
  if (rows.length <= MOST_TICKS) return rows;
  const runs = new Set(rows.map(({ run }) => run)).size;
  const parts = Math.max(20, Math.floor(MOST_TICKS / runs));
  const groups = Map.groupBy(rows, ({ run, share }) => `${Math.floor(share * parts)} ${run}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const share = Math.min(1, (Math.floor(first.share * parts) + 0.5) / parts);
    return [
      {
        ...first,
        share,
        note: `${first.run}: ${plural(own.length, "message")} about ${percent(share)}`,
      },
    ];
  });
}
