// Owns the picture of work under way that fits a terminal: a heading, the runs, the active units.
import { plural, shortDuration } from "../core/text.ts";
import { toned } from "../core/tone.ts";
import { wrapped } from "../core/wrap.ts";
import type { Sheet } from "../report/sheet.ts";
import { renderSheet } from "../report/table.ts";
import { type Column, type Layout, layOut } from "./columns.ts";
import type { Status } from "./status.ts";
import { ARM_COLUMNS, PROCESS_COLUMNS, unitColumns } from "./tables.ts";
import { clip, harmless, shortCount } from "./text.ts";
import { WORKER_COLUMNS, workersLine } from "./workers.ts";

export type BoardSize = {
  readonly columns: number;
  readonly rows: number;
  readonly color?: boolean;
};

/** Below this there is no room for lines of labels. */
const ROOMY_ROWS = 10;
const LOOK_WIDTH = 100;
const LABELS = ["run", "pair", "process", "worker"];
const LIMIT_TOLD_MS = 10 * 60_000;

/**
 * Lines for a terminal of this size: at most `rows - 1`, each at most `columns - 1` wide, so that neither the last line
 * nor the last column makes it scroll or wrap. Columns are omitted by importance, rows are counted in a last one.
 */
export function renderBoard(status: Status, size: BoardSize): string[] {
  const { columns, rows, color = false } = size;
  const layout = { width: Math.max(1, columns - 1), labels: rows >= ROOMY_ROWS, color };
  const height = Math.max(1, rows - 1);
  const { arms, units } = status;
  const labelLines = layout.labels ? 1 : 0;
  const body = height - 1 - 2 * labelLines;
  // Runs take what units leave, and half of the board if both are many.
  const armRoom = Math.max(1, body - Math.min(units.length, Math.ceil(body / 2)));
  const busyFirst = arms.toSorted((a, b) => Number(b.active > 0) - Number(a.active > 0));
  const listed = arms.length > armRoom ? busyFirst : arms;
  const lines = [
    heading(status, layout),
    ...table(listed, { columns: ARM_COLUMNS, room: armRoom, layout }),
  ].slice(0, height);
  const room = height - lines.length - labelLines;
  if (room <= 0) return lines;
  return [...lines, ...table(units, { columns: unitColumns(arms.length), room, layout })];
}

/** The same whole, with the processes, for a single look: nothing is shortened or omitted. */
export function renderLook(
  status: Status,
  {
    width = LOOK_WIDTH,
    color = false,
  }: { readonly width?: number | undefined; readonly color?: boolean },
): string {
  const { arms, units, processes, workers } = status;
  const sheets = [
    sheetOf(arms, ARM_COLUMNS),
    sheetOf(units, unitColumns(arms.length)),
    sheetOf(processes, PROCESS_COLUMNS),
    sheetOf(workers, WORKER_COLUMNS),
  ].filter(({ rows }) => rows.length > 0);
  const head = wrapped(sentence(headingParts(status)), width).map((line) =>
    toned(line, "bold", color),
  );
  const drawn = sheets.map((sheet) => renderSheet(sheet, { width, color }));
  return [`${head.join("\n")}\n`, ...drawn].join("\n");
}

/** The columns that have any text. */
function sheetOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Sheet {
  const full = columns.filter(({ text }) => rows.some((row) => text(row) !== ""));
  return {
    name: "status",
    title: "",
    labels: full.flatMap(({ label }) => (LABELS.includes(label) ? [label] : [])),
    columns: full.map(({ label, right }) => ({ name: label, align: right ? "right" : "left" })),
    rows: rows.map((row) => full.map(({ text }) => text(row))),
    notes: [],
  };
}

/** What concerns all runs: units under way, tokens per minute, rate limits, processes; as much as fits. */
export function heading(status: Status, { width, color }: Pick<Layout, "width" | "color">): string {
  const parts = headingParts(status);
  while (parts.length > 1 && Bun.stringWidth(sentence(parts)) > width) {
    const least = Math.min(...parts.map(({ importance }) => importance));
    parts.splice(
      parts.findLastIndex(({ importance }) => importance === least),
      1,
    );
  }
  return toned(clip(sentence(parts), width), "bold", color);
}

function headingParts(status: Status): Part[] {
  const { units, tokens_per_min } = status;
  const alive = status.processes.filter(({ presence }) => presence === "alive");
  const paused = alive.filter(({ state }) => state === "paused").length;
  const draining = alive.filter(({ state }) => state === "draining").length;
  const away = status.processes.length - alive.length;
  const only = status.models.length === 1;
  return [
    part(9, units.length === 0 ? "nothing under way" : `${units.length} under way`),
    part(6, tokens_per_min === null ? "" : `${shortCount(tokens_per_min)} tokens/min`),
    // Recorded answers are not waited for.
    ...status.models
      .filter(({ limit }) => limit > 0)
      .flatMap((load) => [
        part(5, `${only ? "" : `${nameOf(load)} `}${load.in_flight}/${load.limit} calls`),
        part(8, limited(load, { at: status.at, named: !only })),
      ]),
    part(2, alive.length === 0 ? "" : plural(alive.length, "process", "processes")),
    part(7, paused === 0 ? "" : `${paused} paused`),
    part(3, draining === 0 ? "" : `${draining} draining`),
    part(6, workersLine(status.workers)),
    part(4, away === 0 ? "" : `${away} gone`),
  ].filter(({ text }) => text !== "");
}

type Part = { readonly importance: number; readonly text: string };
type Load = Status["models"][number];

const part = (importance: number, text: string): Part => ({ importance, text });
const sentence = (parts: readonly Part[]) => parts.map(({ text }) => text).join(" · ");
const nameOf = ({ model }: Load) => harmless(model.slice(model.lastIndexOf("/") + 1));

/** When the provider last refused a call, if that was not long ago. */
function limited(load: Load, { at, named }: { at: string; named: boolean }): string {
  if (load.last_rate_limit_at === null) return "";
  const ago = Math.max(0, Date.parse(at) - Date.parse(load.last_rate_limit_at));
  if (ago > LIMIT_TOLD_MS) return "";
  return `${named ? `${nameOf(load)} ` : ""}limited ${shortDuration(ago)} ago`;
}

/** Rows in columns; those that find no room are counted in the last line. */
function table<Row>(
  rows: readonly Row[],
  options: {
    readonly columns: readonly Column<Row>[];
    readonly room: number;
    readonly layout: Layout;
  },
): string[] {
  const { columns, room, layout } = options;
  if (rows.length <= room) return layOut(rows, columns, layout);
  const shown = rows.slice(0, Math.max(0, room - 1));
  const more = `… and ${rows.length - shown.length}${shown.length === 0 ? "" : " more"}`;
  return [...layOut(shown, columns, layout), toned(clip(more, layout.width), "dim", layout.color)];
}
