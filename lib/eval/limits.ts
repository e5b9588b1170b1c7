// Owns for which other limits a suite's result also holds.
import type { SuiteLimits, SuiteResultRow } from "../../db/schema.ts";

type Made = Pick<SuiteResultRow, "outcome" | "duration_ms" | "limits">;
type Sizes = Omit<SuiteLimits, "timeout_ms">;

const SIZES = ["memory_mib", "pids", "disk_mib"] as const satisfies (keyof Sizes)[];

/**
 * A pass holds for every limit at or above what it used: the time that it took, and the limits it kept to. An end by a
 * limit holds for every limit at or below it. For any other failure it is unknown whether a limit played a part: it
 * holds for the same memory, processes and disk, and any time that is enough for it.
 */
export function holdsFor({ outcome, duration_ms, limits }: Made, asked: SuiteLimits): boolean {
  if (outcome === "tests patch does not apply") return true;
  // It was stored before limits were.
  if (limits === null) return false;
  const enough = asked.timeout_ms >= duration_ms;
  if (outcome === "tests timed out" && duration_ms >= limits.timeout_ms)
    return asked.timeout_ms <= limits.timeout_ms && sizes(asked, limits, (a, b) => a <= b);
  if (outcome === "out of memory") return enough && sizes(asked, limits, (a, b) => a <= b);
  if (outcome === "passed") return enough && sizes(asked, limits, (a, b) => a >= b);
  return enough && sizes(asked, limits, (a, b) => a === b);
}

/** Compares every size; an absent limit is infinite. */
function sizes(asked: Sizes, made: Sizes, are: (asked: number, made: number) => boolean): boolean {
  const { POSITIVE_INFINITY: most } = Number;
  return SIZES.every((size) => are(asked[size] ?? most, made[size] ?? most));
}
