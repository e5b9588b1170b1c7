// Owns how the page writes numbers, times and long texts.
import { sumText, usdText } from "../core/money.ts";
import * as text from "../core/text.ts";
import { visible } from "../core/visible.ts";

const MISSING = "–";
const HASH_SHOWN = 12;

/** A proportion in [0, 1] as per cent with one decimal. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? MISSING : `${(100 * share).toFixed(1)} %`;
}

/** Of fewer a rate says more than is known. */
const RATES_FROM = 30;

/** `5 of 10`, and of many `32.1 %`: small numbers are counted. */
export function share(part: number, whole: number): string {
  if (whole === 0) return MISSING;
  return whole < RATES_FROM ? `${part} of ${whole}` : `${percent(part / whole)} of ${count(whole)}`;
}

/** `24–76 %`, from proportions. */
export function percentRange(low: number | null, high: number | null): string {
  if (low === null || high === null) return MISSING;
  return `${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)} %`;
}

/** US dollars; a dash when the price is unknown. */
export function usd(amount: number | null | undefined): string {
  return amount === null || amount === undefined ? MISSING : usdText(amount);
}

/** Dollars of an attempt; at least so many where the cost of one of its agents is not known. */
export function costText(row: {
  readonly cost_usd: number | null;
  readonly known_usd: number | null;
}): string {
  const unknown = row.cost_usd === null ? 1 : 0;
  return sumText({ known: row.known_usd, unknown }, (sum) => (sum === null ? "unknown" : usd(sum)));
}

/** Whole numbers with narrow spaces between thousands. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return MISSING;
  return String(value).replace(/\B(?=(?:\d{3})+(?!\d))/g, "\u202f");
}

/** Milliseconds as people write them: `85 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? MISSING : text.duration(ms);
}

/** `1.2 kB`: bytes in powers of a thousand. */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** An ISO moment as `2026-01-02 03:04:05` (UTC, as stored). */
export function moment(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return MISSING;
  return iso.replace("T", " ").replace(/(?:\.\d+)?Z$/, "");
}

/** Time since the start of an attempt: `+4.2 s`, `+3:05`. */
export function offset(ms: number): string {
  if (ms < 60_000) return `+${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  return hours > 0 ? `+${hours}:${tail}` : `+${tail}`;
}

/** The first characters of a hash. */
export function shortHash(hash: string | null | undefined): string {
  return hash === null || hash === undefined ? MISSING : hash.slice(0, HASH_SHOWN);
}

/** `1 pair`, `2 pairs`. */
export function plural(value: number, one: string, many?: string): string {
  return `${count(value)} ${text.noun(value, one, many)}`;
}

/** A text cut in its middle: what is shown of both ends, and how many characters are not shown. */
export type Clipped = { readonly head: string; readonly omitted: number; readonly tail: string };

/** At most `limit` characters of a text: three quarters from its beginning, the rest from its end. */
export function clip(content: string, limit: number): Clipped {
  const whole = visible(content);
  if (whole.length <= limit) return { head: whole, omitted: 0, tail: "" };
  const head = whole.slice(0, Math.floor(limit * 0.75)).toWellFormed();
  const tail = whole.slice(whole.length - Math.floor(limit * 0.25)).toWellFormed();
  return { head, omitted: whole.length - head.length - tail.length, tail };
}

/** The first line with something in it, at most `limit` characters. */
export function firstLine(content: string, limit: number): string {
  const line = content.split("\n").find((candidate) => candidate.trim() !== "") ?? "";
  return text.cut(line.trim(), limit);
}
