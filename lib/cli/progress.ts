// Owns the progress line on standard error: drawn in place on a terminal, absent elsewhere.
import { redact } from "../core/redact.ts";

const BAR_CELLS = 24;
const REDRAW_MS = 100;

export type Progress = Disposable & {
  /** Whether it is drawn at all. */
  readonly drawn: boolean;
  /** Done and total in any unit, and a short text after the bar. */
  show(done: number, total: number, words?: string): void;
};

/** A bar such as `merging [########········] 33 % 120/652`; nothing is drawn without a terminal or with `quiet`. */
export function openProgress(label: string, quiet: boolean): Progress {
  const terminal = process.stderr.isTTY && !quiet;
  let drawn = 0;
  return {
    drawn: terminal,
    show(done, total, words = `${done}/${total}`) {
      const now = performance.now();
      if (!terminal || (now - drawn < REDRAW_MS && done < total)) return;
      drawn = now;
      process.stderr.write(`\r\x1b[2K${line(label, { done, total, words })}`);
    },
    [Symbol.dispose]() {
      if (terminal && drawn > 0) process.stderr.write("\r\x1b[2K");
    },
  };
}

function line(label: string, state: { done: number; total: number; words: string }): string {
  const share = state.total === 0 ? 1 : Math.min(1, state.done / state.total);
  const full = Math.round(share * BAR_CELLS);
  const bar = "#".repeat(full) + "·".repeat(BAR_CELLS - full);
  // Before it is cut: half a secret would not be found.
  const text = redact(`${label} [${bar}] ${Math.floor(share * 100)} % ${state.words}`);
  return text.slice(0, Math.max(10, (process.stderr.columns ?? 80) - 1));
}
