// Owns the lower end of a terminal, which is redrawn repeatedly, and what is written above it.
import { sum } from "../core/lists.ts";
import { takesColor } from "../core/tone.ts";

/** What is needed of `process.stdout` and `process.stderr`. */
export type ScreenStream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
};

export type Screen = Disposable & {
  /** Draws these lines in place of the earlier ones. */
  draw(lines: readonly string[]): void;
  /** Lets `write` write to the terminal above what is drawn. */
  above(write: () => void): void;
  /** Takes away what is drawn. */
  clear(): void;
  readonly size: () => { columns: number; rows: number; color: boolean };
};

const UNKNOWN_SIZE = { columns: 80, rows: 24 };

/** Whether lines can be drawn over on this stream. */
export function isScreen(stream: Pick<ScreenStream, "isTTY">): boolean {
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

/** The lower end of a terminal to redraw repeatedly; `redraw` is called when its size changes. */
export function openScreen(stream: ScreenStream, redraw: () => void): Screen {
  let drawn: readonly string[] = [];
  const size = () => ({
    columns: stream.columns || UNKNOWN_SIZE.columns,
    rows: stream.rows || UNKNOWN_SIZE.rows,
    color: takesColor(stream),
  });
  // A terminal that was made narrower has wrapped its lines, and one made shorter shows only the last ones.
  const height = () => {
    const { columns, rows } = size();
    const broken = drawn.map((line) => Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)));
    return Math.min(rows - 1, sum(broken));
  };
  const home = () => (drawn.length === 0 ? "" : `\r\x1b[${height()}A`);
  const draw = (lines: readonly string[]) => {
    if (lines.length === 0) return clear();
    // Line by line over the old ones: clearing first would flicker.
    stream.write(`${home()}${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
    drawn = lines;
  };
  const clear = () => {
    // Row by row: some terminals keep a screen that is erased at once in what scrolls back.
    if (drawn.length > 0) stream.write(`${home()}${"\x1b[2K\n".repeat(height())}\x1b[${height()}A`);
    drawn = [];
  };
  stream.on("resize", redraw);
  return {
    draw,
    clear,
    size,
    above(write) {
      const lines = drawn;
      clear();
      write();
      if (lines.length > 0) draw(lines);
    },
    [Symbol.dispose]: () => void stream.off("resize", redraw),
  };
}
