// Owns the columns that several measures share: spreads, shares, rates with bounds.
import type { MeasureScope } from "../../../db/measures.ts";
import { sumOf } from "../../core/lists.ts";
import type { ReportLine } from "../line.ts";
import { conflictRate } from "../rate.ts";
import { spreadOf } from "../stats/index.ts";

export type { MeasureScope } from "../../../db/measures.ts";

/** Rows by run, in the order of the scope's names; runs without rows are left out. */
export function byRun<Row extends { readonly run: string }>(
  rows: readonly Row[],
  { runs }: MeasureScope,
): [run: string, rows: Row[]][] {
  const found = Map.groupBy(rows, ({ run }) => run);
  return [...new Set(runs)].flatMap((run): [string, Row[]][] => {
    const own = found.get(run);
    return own === undefined ? [] : [[run, own]];
  });
}

/** How many values are known and how many are not; quartiles, mean and total of the known, null where none is. */
export function spreadColumns(values: readonly (number | null)[]): ReportLine {
  const { n, unknown, q1, median, q3 } = spreadOf(values);
  const known_total = sumOf(values, (value) => value ?? 0);
  const mean = n === 0 ? null : known_total / n;
  const total = n === 0 && unknown > 0 ? null : known_total;
  return { known_values: n, unknown_values: unknown, q1, median, q3, mean, total };
}

/** A part of a whole in [0, 1]; null of nothing, and where either is not known. */
export function shareOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : part / whole;
}

/** Naive conflicts over attempts whose patches all apply and are not empty, with Wilson's 95 % bounds. */
export function conflictColumns(rows: readonly { readonly status: string | null }[]) {
  const { conflicts, merged, rate, low, high } = conflictRate(rows.map(({ status }) => status));
  return {
    merged,
    conflicts,
    conflict_rate: rate,
    conflict_wilson_low: low,
    conflict_wilson_high: high,
  };
}
