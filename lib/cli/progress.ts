// Owns the progress line on standard error: drawn in place on a terminal, absent elsewhere; whatever else is written goes above it.
import { redact } from "../core/redact.ts";
import { isScreen } from "./screen.ts";

const BAR_CELLS = 24;
const FEWEST_CELLS = 8;
const REDRAW_MS = 100;
const ERASE = "\r\x1b[2K";

export type Progress = Disposable & {
  /** Whether it is drawn at all. */
  readonly drawn: boolean;
  /** Done and total in any unit, and a short text after the bar. */
  show(done: number, total: number, words?: string): void;
};

/** The line that stands on the terminal now, if one does. */
let standing: string | undefined;

/** A bar such as `merging [########········] 33 % 120/652`; nothing is drawn without a terminal or with `quiet`. */
export function openProgress(label: string, quiet: boolean): Progress {
  const terminal = isScreen(process.stderr) && !quiet;
  let drawn_ms = Number.NEGATIVE_INFINITY;
  return {
    drawn: terminal,
    show(done, total, words = `${done}/${total}`) {
      const now = performance.now();
      if (!terminal || (now - drawn_ms < REDRAW_MS && done < total)) return;
      drawn_ms = now;
      standing = line(label, { done, total, words });
      process.stderr.write(ERASE + standing);
    },
    [Symbol.dispose]() {
      if (standing !== undefined) process.stderr.write(ERASE);
      standing = undefined;
    },
  };
}

/** Lets `write` write to the terminal without leaving a piece of the progress line behind. */
export function beside(write: () => void): void {
  if (standing !== undefined) process.stderr.write(ERASE);
  write();
  if (standing !== undefined) process.stderr.write(standing);
}

function line(label: string, state: { done: number; total: number; words: string }): string {
  const width = Math.max(10, (process.stderr.columns || 80) - 1);
  const share = state.total === 0 ? 1 : Math.min(1, state.done / state.total);
  // Before it is cut: half a secret would not be found.
  const words = redact(`${Math.floor(share * 100)} % ${state.words}`);
  const spare = width - label.length - words.length - " [] ".length;
  const cells = Math.max(FEWEST_CELLS, Math.min(BAR_CELLS, spare));
  const full = Math.round(share * cells);
  return `${label} [${"#".repeat(full)}${"·".repeat(cells - full)}] ${words}`.slice(0, width);
}
