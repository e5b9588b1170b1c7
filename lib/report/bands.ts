// Owns dividing a table that is too wide into bands, one below another, each with the columns that name the rows.
import { sum, sumOf } from "../core/lists.ts";
import type { Sheet } from "./sheet.ts";

/** Columns of one band, by their place in the sheet, with the width that each may take. */
export type Band = readonly { readonly at: number; readonly width: number }[];
/** In characters; `gap` is what lies between two columns. */
type Room = { readonly width: number; readonly gap: number };

const SHORTEST_LABEL = 10;
const LONGEST_WORDS = 40;

/** One band when all fits. Numbers are never cut; labels and texts are, where they would leave no room for others. */
export function bandsOf(sheet: Sheet, room: Room): Band[] {
  const all = sheet.columns.map((_, at) => ({ at, width: natural(sheet, at) + room.gap }));
  if (total(all) <= room.width) return [all];
  const isLabel = ({ at }: Band[number]) => sheet.labels.includes(sheet.columns[at]?.name ?? "");
  const others = all.filter((column) => !isLabel(column));
  const widest = Math.max(0, ...others.map((column) => shortened(sheet, column).width));
  const labels = fitted(all.filter(isLabel), room.width - widest);
  const left = room.width - total(labels);
  const bands: Band[] = [];
  let band: Band[number][] = [];
  for (const column of others) {
    const least = shortened(sheet, column);
    if (band.length > 0 && total(band) + least.width > left) {
      bands.push([...labels, ...band]);
      band = [];
    }
    // Texts take what the band has left; what follows them goes into the next.
    band.push({
      at: column.at,
      width: Math.max(least.width, Math.min(column.width, left - total(band))),
    });
  }
  return band.length > 0 ? [...bands, [...labels, ...band]] : [labels];
}

function natural({ columns, rows }: Sheet, at: number): number {
  return rows.reduce(
    (widest, row) => Math.max(widest, Bun.stringWidth(row[at] ?? "")),
    Bun.stringWidth(columns[at]?.name ?? ""),
  );
}

function shortened({ columns }: Sheet, column: Band[number]): Band[number] {
  if (columns[column.at]?.align === "right") return column;
  return { ...column, width: Math.min(column.width, LONGEST_WORDS) };
}

/** Labels within `width` together: the widest is cut first, none below what still distinguishes it. */
function fitted(labels: Band, width: number): Band {
  const widths = labels.map((label) => label.width);
  while (sum(widths) > width) {
    const widest = Math.max(...widths);
    if (widest <= SHORTEST_LABEL) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return labels.map((label, index) => ({ ...label, width: widths[index] ?? label.width }));
}

function total(columns: Band): number {
  return sumOf(columns, ({ width }) => width);
}
