// Owns laying rows out in columns of a terminal: what does not fit is shortened, then omitted by importance.
import { type Tone, toned } from "../core/tone.ts";
import { clip } from "./text.ts";

export type Column<Row> = {
  readonly label: string;
  /** The least important columns are the first to go; those below {@link EXTRA} before anything is shortened. */
  readonly importance: number;
  readonly text: (row: Row) => string;
  /** Narrowest width that it may be shortened to; its natural width when absent. */
  readonly least?: number;
  /** How it is shortened to a width; cut at the end when absent. */
  readonly draw?: (row: Row, width: number) => string;
  readonly right?: boolean;
  readonly tone?: (row: Row) => Tone | undefined;
};
export type Layout = { readonly width: number; readonly labels: boolean; readonly color: boolean };

const GAP = 2;
const EXTRA = 20;

/**
 * One line per row, and one of labels above them; none is wider than the layout. Columns without any text are omitted.
 */
export function layOut<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  layout: Layout,
): string[] {
  const sized = fit(
    columns.map((column) => sizeOf(column, rows, layout)).filter(({ natural }) => natural > 0),
    { rows, width: layout.width },
  );
  const lines = rows.map((row) =>
    joined(
      sized.map(({ column, width }) => {
        const text = drawn(column, row, width);
        return toned(padded(text, width, column.right), column.tone?.(row), layout.color);
      }),
    ),
  );
  if (!layout.labels || rows.length === 0) return lines;
  const labels = sized.map(({ column, width }) =>
    padded(clip(column.label, width), width, column.right),
  );
  return [toned(joined(labels), "bold", layout.color), ...lines];
}

type Sized<Row> = {
  readonly column: Column<Row>;
  readonly natural: number;
  readonly least: number;
};

function sizeOf<Row>(column: Column<Row>, rows: readonly Row[], { labels }: Layout): Sized<Row> {
  const texts = Math.max(0, ...rows.map((row) => Bun.stringWidth(column.text(row))));
  const natural = texts === 0 || !labels ? texts : Math.max(texts, column.label.length);
  return { column, natural, least: Math.min(column.least ?? natural, natural) };
}

/** Omits columns until the rest can be shortened into the width; the most important ones are shortened least. */
function fit<Row>(
  columns: readonly Sized<Row>[],
  { rows, width }: { readonly rows: readonly Row[]; readonly width: number },
) {
  const byImportance = columns.toSorted((a, b) => b.column.importance - a.column.importance);
  const needed = (size: "natural" | "least") =>
    byImportance.reduce((total, sized) => total + sized[size] + GAP, -GAP);
  const lastIsExtra = () => (byImportance.at(-1)?.column.importance ?? EXTRA) < EXTRA;
  while (lastIsExtra() && needed("natural") > width) byImportance.pop();
  while (byImportance.length > 1 && needed("least") > width) byImportance.pop();
  let spare = width - needed("least");
  const widths = new Map(
    byImportance.map(({ column, natural, least }) => {
      const most = least + Math.min(spare, natural - least);
      // A shortened text may not need all the width it was offered.
      const used = Math.max(...rows.map((row) => Bun.stringWidth(drawn(column, row, most))));
      const given = most === natural ? natural : Math.max(Math.min(least, most), used);
      spare -= given - least;
      return [column, given];
    }),
  );
  return columns.flatMap(({ column }) => {
    const given = widths.get(column);
    return given === undefined ? [] : [{ column, width: given }];
  });
}

function drawn<Row>(column: Column<Row>, row: Row, width: number): string {
  return column.draw?.(row, width) ?? clip(column.text(row), width);
}

function joined(cells: readonly string[]): string {
  return cells.join(" ".repeat(GAP)).trimEnd();
}

function padded(text: string, width: number, right = false): string {
  const padding = " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
  return right ? padding + text : text + padding;
}
