// Owns tables on a terminal: columns where they fit, else whole words below each other, else every row as lines. Nothing is cut off.
import { sum } from "./lists.ts";
import { cellTone, toned } from "./tone.ts";
import { broken, longestWord } from "./wrap.ts";

export type Align = "left" | "right";
export type Grid = {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Left when absent. */
  readonly aligns?: readonly Align[];
};
/** `width` in columns; without colours unless `color` is true. */
export type Room = { readonly width: number; readonly color?: boolean | undefined };

export const GAP = 2;
/** A text is given at least this much; where that is too much, its words. Numbers are never broken. */
const TEXT_LEAST = [20, 0];
/** A row as lines has its values beside the names when there is so much room for them, else below. */
const BESIDE_LEAST = 16;
const INDENT = 2;

/** The lines of the table. */
export function drawGrid(grid: Grid, room: Room): string[] {
  const widths = widthsWithin(grid, room.width);
  return widths === undefined ? drawRecords(grid, room) : drawColumns(grid, { ...room, widths });
}

/** Widths of the columns that keep the table within `width` and every word whole; undefined when there are none. */
export function widthsWithin(grid: Grid, width: number): number[] | undefined {
  const columns = grid.heads.map((head, at) => [head, ...grid.rows.map((row) => row[at] ?? "")]);
  const widths = columns.map((cells) => widest(cells, lineWidth));
  const words = columns.map((cells, at) =>
    grid.aligns?.[at] === "right" ? (widths[at] ?? 0) : widest(cells, longestWord),
  );
  const room = width - GAP * (columns.length - 1);
  const least = TEXT_LEAST.map((text) =>
    words.map((word, at) => Math.max(word, Math.min(widths[at] ?? 0, text))),
  ).find((found) => sum(found) <= room);
  if (least === undefined) return undefined;
  // The widest give way, column by column of the terminal: what is short stays whole.
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const spare = widths.map((one, at) => (one > (least[at] ?? 0) ? one : -1));
    const at = spare.indexOf(Math.max(...spare));
    widths[at] = (widths[at] ?? 0) - 1;
  }
  return widths;
}

type Sized = Room & { readonly widths: readonly number[] };

/** The table in columns of these widths. */
export function drawColumns(
  { heads, rows, aligns = [] }: Grid,
  { widths, color }: Sized,
): string[] {
  const line = (
    cells: readonly string[],
    tone: (column: number) => Parameters<typeof toned>[1],
  ) => {
    const stacks = cells.map((cell, at) => broken(cell, widths[at] ?? 0));
    const height = Math.max(1, ...stacks.map((stack) => stack.length));
    return Array.from({ length: height }, (_, row) => {
      const parts = stacks.map((stack, at) => {
        const text = stack[row] ?? "";
        const space = " ".repeat(Math.max(0, (widths[at] ?? 0) - Bun.stringWidth(text)));
        const shown = toned(text, tone(at), color === true);
        return aligns[at] === "right" ? space + shown : shown + space;
      });
      return parts.join(" ".repeat(GAP)).trimEnd();
    });
  };
  return [
    ...(heads.some((head) => head !== "") ? line(heads, () => "bold") : []),
    ...rows.flatMap((row) => line(row, (at) => cellTone(heads[at] ?? "", row[at] ?? ""))),
  ];
}

/** Every row as lines `name  value`, with an empty line between rows; cells without text are omitted. */
export function drawRecords({ heads, rows }: Grid, { width, color = false }: Room): string[] {
  const name = widest(heads, lineWidth);
  const beside = width - name - GAP;
  return rows.flatMap((row, index) => {
    const lines = heads.flatMap((head, at) => {
      const text = row[at] ?? "";
      if (text === "") return [];
      const show = (line: string) => toned(line, cellTone(head, text), color);
      const label = toned(head, "bold", color);
      if (beside < BESIDE_LEAST && Bun.stringWidth(text) > beside)
        return [
          label,
          ...broken(text, width - INDENT).map((line) => " ".repeat(INDENT) + show(line)),
        ];
      const padding = " ".repeat(name - Bun.stringWidth(head) + GAP);
      const [first = "", ...more] = broken(text, beside).map(show);
      return [label + padding + first, ...more.map((line) => " ".repeat(name + GAP) + line)];
    });
    return index === 0 ? lines : ["", ...lines];
  });
}

function widest(texts: readonly string[], measure: (text: string) => number): number {
  return texts.reduce((most, text) => Math.max(most, measure(text)), 0);
}

function lineWidth(text: string): number {
  return widest(text.split("\n"), (line) => Bun.stringWidth(line.replaceAll("\t", " ")));
}
