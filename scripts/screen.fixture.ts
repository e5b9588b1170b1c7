// Owns a terminal for tests: what a person would see after all that was written, and what has scrolled away above.
import type { ScreenStream } from "../lib/cli/screen.ts";

const PIECES = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const SEQUENCE = new RegExp(`^${String.fromCharCode(27)}\\[([0-9;?]*)([A-Za-z])`);

export type FakeTerminal = ScreenStream & {
  /** Rows of the screen that are not empty, from the top to the last one. */
  shown(): string[];
  /** What has scrolled out at the top. */
  history(): string[];
  /** Everything that was written. */
  written(): string;
  resize(columns: number, rows: number): void;
  /** How many listeners wait for a resize. */
  listeners(): number;
};

/** A terminal that knows what the board uses, and throws RangeError for other sequences. Lines do not reflow. */
export function fakeTerminal(columns: number, rows: number, isTTY = true): FakeTerminal {
  let size = { columns, rows };
  let [text, row, column] = ["", 0, 0];
  const cells: string[][] = [[]];
  const history: string[] = [];
  const resized = new Set<() => void>();
  const lineAt = (index: number) => {
    while (cells.length <= index) cells.push([]);
    return cells[index] ?? [];
  };
  const down = () => {
    column = 0;
    if (++row < size.rows) return;
    history.push(read(cells.shift()));
    row = size.rows - 1;
  };
  const put = (piece: string) => {
    const width = Bun.stringWidth(piece);
    if (column + width > size.columns) down();
    const line = lineAt(row);
    while (line.length < column) line.push(" ");
    line.splice(column, width, piece, ...Array.from({ length: width - 1 }, () => ""));
    column += width;
  };
  const control = (values: string, kind: string) => {
    const count = Number(values || (kind === "A" ? 1 : 0));
    if (kind === "A") row = Math.max(0, row - count);
    else if (kind === "K") lineAt(row).splice(count === 2 ? 0 : column);
    else if (kind === "J" && count === 0) {
      lineAt(row).splice(column);
      cells.splice(row + 1);
    } else if (kind !== "m") throw new RangeError(`no such sequence here: ${values}${kind}`);
  };
  return {
    isTTY,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    write(chunk) {
      text += chunk;
      let rest = chunk;
      while (rest !== "") {
        const sequence = SEQUENCE.exec(rest);
        const piece = sequence?.[0] ?? first(rest);
        rest = rest.slice(piece.length);
        if (sequence) control(sequence[1] ?? "", sequence[2] ?? "");
        else if (piece === "\r") column = 0;
        else if (piece === "\n" || piece === "\r\n") down();
        else put(piece);
      }
      return true;
    },
    on: (_, listener) => resized.add(listener),
    off: (_, listener) => resized.delete(listener),
    shown() {
      const lines = cells.map(read);
      return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
    },
    history: () => [...history],
    written: () => text,
    resize(toColumns, toRows) {
      size = { columns: toColumns, rows: toRows };
      while (row >= toRows) {
        history.push(read(cells.shift()));
        row--;
      }
      for (const listener of resized) listener();
    },
    listeners: () => resized.size,
  };
}

function read(line: readonly string[] = []): string {
  return line.join("").trimEnd();
}

function first(text: string): string {
  return PIECES.segment(text)[Symbol.iterator]().next().value?.segment ?? "";
}
