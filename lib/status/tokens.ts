// Owns tokens per minute: over the last minute when looking repeatedly, else over the processes' lives.
import { sum } from "../core/lists.ts";

/** A living process: model tokens of all kinds since it began, and when that was (milliseconds since 1970). */
export type TokenCount = {
  readonly owner: string;
  readonly tokens: number;
  readonly began_ms: number;
};
/** Tokens per minute at `now_ms`; null when no process lives. */
export type TokenMeter = (counts: readonly TokenCount[], now_ms: number) => number | null;

const WINDOW_MS = 60_000;
/** Counts come with heartbeats: over a shorter time than some of these the rate would jump. */
const LEAST_MS = 10_000;
const MINUTE_MS = 60_000;

type Look = { readonly at_ms: number; readonly tokens: ReadonlyMap<string, number> };

/** A meter that remembers the looks of the last minute. */
export function openTokenMeter(): TokenMeter {
  let looks: Look[] = [];
  return (counts, now_ms) => {
    looks = looks.filter(({ at_ms }) => at_ms <= now_ms && now_ms - at_ms <= WINDOW_MS);
    looks.push({ at_ms: now_ms, tokens: new Map(counts.map((one) => [one.owner, one.tokens])) });
    const [base] = looks;
    if (counts.length === 0) return null;
    if (base === undefined || now_ms - base.at_ms < LEAST_MS)
      return averageSinceStart(counts, now_ms);
    // A process that is not in the older look began after it.
    const used = counts.map(({ owner, tokens }) => tokens - (base.tokens.get(owner) ?? 0));
    return (sum(used) * MINUTE_MS) / (now_ms - base.at_ms);
  };
}

/** Tokens per minute as far as a single look can show; a process younger than a few heartbeats counts as that old. */
export function averageSinceStart(counts: readonly TokenCount[], now_ms: number): number | null {
  if (counts.length === 0) return null;
  return sum(
    counts.map(
      ({ tokens, began_ms }) => (tokens * MINUTE_MS) / Math.max(LEAST_MS, now_ms - began_ms),
    ),
  );
}
