// Owns drawing rows and sheets on a terminal.
import {
  type Align,
  drawColumns,
  drawGrid,
  drawRecords,
  GAP,
  type Grid,
  type Room,
  widthsWithin,
} from "../core/grid.ts";
import { sumOf } from "../core/lists.ts";
import { toned } from "../core/tone.ts";
import { visible } from "../core/visible.ts";
import { longestWord, wrapped } from "../core/wrap.ts";
import { type Band, bandsOf } from "./bands.ts";
import type { Sheet } from "./sheet.ts";

export type Cells = Readonly<Record<string, unknown>>;
/** The terminal's width, or undefined without one; without colours unless `color` is true. */
export type Terminal = { readonly width: number | undefined; readonly color?: boolean };

const NARROWEST = 24;
const WIDTH = 100;
/** A sentence is broken at this width or the terminal's, whichever is less. */
const PROSE = 100;

/** Rows as a terminal table without lines between them, within `width` columns. */
export function renderTable(rows: readonly Cells[], terminal: Terminal): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const texts = rows.map((row) => columns.map((column) => visible(cellText(row[column]))));
  const aligns = columns.map((column): Align => (isNumeric(rows, column) ? "right" : "left"));
  return ended(drawGrid({ heads: columns.map(visible), rows: texts, aligns }, roomOf(terminal)));
}

/** A sheet with its title and notes. One that is too wide continues below with its other columns, or has its rows as lines. */
export function renderSheet(sheet: Sheet, terminal: Terminal): string {
  const room = roomOf(terminal);
  const prose = (text: string) => wrapped(text, Math.min(room.width, PROSE));
  const title = sheet.title === "" ? [] : wrapped(sheet.title, room.width);
  const head = title.map((line) => toned(line, "bold", room.color === true));
  const notes = sheet.notes.flatMap(prose).map((line) => toned(line, "dim", room.color === true));
  return `${ended(head)}${ended(drawSheet(sheet, room))}${ended(notes)}`;
}

function isNumeric(rows: readonly Cells[], column: string): boolean {
  const values = rows
    .map((row) => row[column])
    .filter((value) => value !== undefined && value !== null);
  return values.length > 0 && values.every((value) => typeof value === "number");
}

function drawSheet(sheet: Sheet, room: Room): string[] {
  const whole = gridOf(sheet, everyColumn(sheet));
  const widths = widthsWithin(whole, room.width);
  if (widths !== undefined) return drawColumns(whole, { ...room, widths });
  const bands = bandsOf(sheet, { width: room.width + GAP, gap: GAP });
  const isWhole = bands.every((band) => fits(sheet, band, room));
  if (!isWhole)
    return drawRecords(
      gridOf(
        sheet,
        sheet.columns.map((_, at) => at),
      ),
      room,
    );
  return bands.flatMap((band, index) => {
    const grid = gridOf(
      sheet,
      band.map(({ at }) => at),
    );
    const lines = drawColumns(grid, { ...room, widths: band.map(({ width }) => width - GAP) });
    return index === 0 ? lines : ["", ...lines];
  });
}

function everyColumn({ columns }: Sheet): number[] {
  return columns.map((_, at) => at);
}

/** Whether a band is within the room with every word whole. */
function fits({ columns, rows }: Sheet, band: Band, { width: room }: Room): boolean {
  const isWhole = band.every(({ at, width }) =>
    [columns[at]?.name ?? "", ...rows.map((row) => row[at] ?? "")].every(
      (text) => longestWord(text) <= width - GAP,
    ),
  );
  return isWhole && sumOf(band, ({ width }) => width) - GAP <= room;
}

function gridOf({ columns, rows }: Sheet, places: readonly number[]): Grid {
  return {
    heads: places.map((at) => columns[at]?.name ?? ""),
    rows: rows.map((row) => places.map((at) => row[at] ?? "")),
    aligns: places.map((at) => columns[at]?.align ?? "left"),
  };
}

function roomOf({ width, color }: Terminal): Room {
  return { width: Math.max(NARROWEST, width || WIDTH), color };
}

function ended(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** What a cell shows: nothing for an absent value, three decimals for a fraction. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(3);
  return Array.isArray(value) ? value.join(",") : String(value);
}
