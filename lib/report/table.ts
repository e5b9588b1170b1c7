// Owns drawing rows as a table on a terminal.

import Table from "cli-table3";
import { sum } from "../core/lists.ts";
import { visible } from "../core/visible.ts";
import { type Band, bandsOf } from "./bands.ts";
import type { Sheet } from "./sheet.ts";

export type Cells = Readonly<Record<string, unknown>>;

const NARROWEST = 40;
const WIDTH = 100;
/** A sentence is broken at this width or the terminal's, whichever is less. */
const PROSE = 100;

/**
 * Rows as a terminal table without lines between them; long cells continue below to keep the table within `width`
 * columns.
 */
export function renderTable(
  rows: readonly Cells[],
  options: { width: number | undefined },
): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const texts = rows.map((row) => columns.map((column) => visible(cellText(row[column]))));
  const widths = fit(columns, texts, Math.max(NARROWEST, options.width ?? WIDTH));
  const inLines = (cells: readonly string[]) =>
    cells.map((cell, at) => stacked(cell, (widths[at] ?? NARROWEST) - 2));
  const heads = inLines(columns.map(visible));
  return draw({ heads, rows: texts.map(inLines), widths, aligns: columns.map(() => "left") });
}

/** A sheet with its title and notes. One that is too wide continues below with its other columns; long cells wrap. */
export function renderSheet(sheet: Sheet, options: { width: number | undefined }): string {
  const width = Math.max(NARROWEST, options.width ?? WIDTH);
  const drawn = bandsOf(sheet, { width, gap: 2 }).map((band) => drawBand(sheet, band));
  const notes = sheet.notes.map((note) => `${wrapped(note, Math.min(width, PROSE))}\n`);
  return `${wrapped(sheet.title, width)}\n${drawn.join("\n")}${notes.join("")}`;
}

function drawBand({ columns, rows }: Sheet, band: Band): string {
  return draw({
    heads: band.map(({ at }) => columns[at]?.name ?? ""),
    rows: rows.map((row) => band.map(({ at, width }) => stacked(row[at] ?? "", width - 2))),
    widths: band.map(({ width }) => width),
    aligns: band.map(({ at }) => columns[at]?.align ?? "left"),
  });
}

type Drawing = {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly widths: readonly number[];
  readonly aligns: readonly ("left" | "right")[];
};

function draw({ heads, rows, widths, aligns }: Drawing): string {
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], compact: true },
    colWidths: [...widths],
    colAligns: [...aligns],
    head: [...heads],
  });
  table.push(...rows.map((row) => [...row]));
  return `${table.toString()}\n`;
}

/** What a cell shows: nothing for an absent value, three decimals for a fraction. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(3);
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** The text in lines of at most `width` columns, broken between words. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Bun.stringWidth(longer) > width) lines.push(line);
    line = line !== "" && Bun.stringWidth(longer) > width ? word : longer;
  }
  return [...lines, line].join("\n");
}

/** The text in lines of at most `width` columns: broken between words, and a word that is longer within. */
function stacked(text: string, width: number): string {
  const lines = text.split("\n").flatMap((line) => wrapped(line, width).split("\n"));
  return lines.flatMap((line) => pieces(line, width)).join("\n");
}

function pieces(line: string, width: number): string[] {
  const found: string[] = [];
  let rest = line;
  while (Bun.stringWidth(rest) > width) {
    const piece = Bun.sliceAnsi(rest, 0, width);
    if (piece === "" || !rest.startsWith(piece)) break;
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}

/** Natural widths, with the widest columns narrowed until the table fits. */
function fit(
  columns: readonly string[],
  texts: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map(
    (column, index) =>
      2 +
      Math.max(Bun.stringWidth(column), ...texts.map((row) => Bun.stringWidth(row[index] ?? ""))),
  );
  // The widest shrink, step by step: what is short stays whole.
  const fitted = widths.map((cell) => Math.min(cell, width));
  let excess = sum(fitted) - width;
  for (; excess > 0; excess--) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if ((fitted[widest] ?? 0) <= 10) break;
    fitted[widest] = (fitted[widest] ?? 0) - 1;
  }
  return fitted;
}

const NO_LINES = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
    "middle",
  ].map((part) => [part, ""]),
);
