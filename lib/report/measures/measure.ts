// Owns what every measure gives back, and the columns that several of them share: spreads, shares, rates with bounds.

import type { MeasureScope } from "../../../db/measures.ts";
import { sumOf } from "../../core/lists.ts";
import type { ReportLine } from "../parts.ts";
import { conflictRate } from "../rate.ts";
import { spreadOf } from "../stats/index.ts";

export type { MeasureScope } from "../../../db/measures.ts";

/** The file, and the functions or queries in it, that numbers come from. A test holds that all of them exist. */
export type MeasureSource = { readonly file: string; readonly names: readonly string[] };
/** Rows of one part, ready for a table; `notes` are what a reader must know of these very rows. */
export type Measured = {
  readonly rows: readonly ReportLine[];
  readonly notes: readonly string[];
  readonly source: readonly MeasureSource[];
};

export const STORE = "db/measures.ts";
const SPREAD: MeasureSource = { file: "lib/report/stats/quartiles.ts", names: ["spreadOf"] };
const WILSON: MeasureSource = { file: "lib/report/rate.ts", names: ["wilson"] };
export const SOURCES = { spread: SPREAD, wilson: WILSON } as const;

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

/** `n` known values and `unknown` ones; quartiles, mean and total of the known, null where none is. */
export function spreadColumns(values: readonly (number | null)[]): ReportLine {
  const { n, unknown, q1, median, q3 } = spreadOf(values);
  const known_total = sumOf(values, (value) => value ?? 0);
  const mean = n === 0 ? null : known_total / n;
  const total = n === 0 && unknown > 0 ? null : known_total;
  return { n, unknown, q1, median, q3, mean, total };
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
