// Owns how numbers and names of the work under way are written for people: short, and harmless to a terminal.

import { pairKey, parseAttemptKey } from "../core/keys.ts";
import { sum } from "../core/lists.ts";
import { shortUsdText, sumText } from "../core/money.ts";
import { visible } from "../core/visible.ts";

/** `$0.41`, `$1234`; `≥$0.41` when parts of it have no known price; `?` when nothing is known. */
export function dollars(known: number | null, unknown = 0): string {
  return sumText({ known, unknown }, (usd) => (usd === null ? "?" : shortUsdText(usd)));
}

/** `950`, `182k`, `1.2M`. */
export function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `engine_gone 2, disk_full 1`, most frequent first. */
export function faultWords(faults: Readonly<Record<string, number>>): string {
  return Object.entries(faults)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");
}

export function faultCount(faults: Readonly<Record<string, number>>): number {
  return sum(Object.values(faults));
}

/** A text from outside on one line, without what would move the cursor, colour the rest or turn the reading direction. */
export function harmless(text: string): string {
  return visible(text.replace(/[\t\n\v\f\r]+/g, " ")).trim();
}

/** At most `width` columns of a terminal, with `…` where it was cut. */
export function clip(text: string, width: number): string {
  if (width <= 0) return "";
  if (Bun.stringWidth(text) <= width) return text;
  const kept = Bun.sliceAnsi(text, 0, width - 1);
  // A wide letter across the cut is kept whole by sliceAnsi: then one column less is asked for.
  return `${Bun.stringWidth(kept) < width ? kept : Bun.sliceAnsi(text, 0, width - 2)}…`;
}

/** The pair of an attempt's key without its run, with its try: whole, else `go_chi/26/1_2`, else the end of that. */
export function pairWithin(unit: string, width: number): string {
  const attempt = parseAttemptKey(unit);
  const again = attempt.try === 1 ? "" : `~${attempt.try}`;
  const whole = `${pairKey(attempt)}${again}`;
  if (whole.length <= width) return whole;
  const { repo, task_id, features } = attempt;
  const short = `${repo.replace(/_task$/, "")}/${task_id}/${features.join("_")}${again}`;
  if (short.length <= width) return short;
  return width <= 0 ? "" : `…${short.slice(short.length - width + 1)}`;
}
