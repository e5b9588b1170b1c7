// Owns what a part's chart is: its data, taken from the part's own rows; drawing it is the site's.
import type { ReportCell, ReportLine } from "./line.ts";

/** Who worked: the meaning of a colour. */
export type Who = "coop" | "solo" | "gold";
export type WhoOf = (row: ReportLine) => Who;
/** A rate with its interval, one row of the chart; proportions. `mark` is another value of the scale, such as a ceiling. */
export type RateBar = {
  readonly label: string;
  readonly who: Who;
  readonly rate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** A second interval of the same rate. */
  readonly outer?: { readonly low: number; readonly high: number } | undefined;
  readonly mark?: number | null | undefined;
  readonly bounds?: readonly [low: number, high: number] | undefined;
};
/** One piece of a bar of 100 %; `key` is its colour. */
export type ShareBar = {
  readonly label: string;
  readonly key: string;
  readonly name: string;
  readonly pairs: number;
  readonly share: number;
};
/** A rate at a difficulty, both in [0, 1]. */
export type CurveDot = {
  readonly arm: "solo" | "coop";
  readonly difficulty: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** `3 of 4 passed`. */
  readonly of: string;
};
/** A pass rate and a conflict rate of a repository or task in a run; proportions. */
export type PlaceDot = {
  readonly run: string;
  readonly who: Who;
  readonly place: string;
  readonly rate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly conflict: number | null;
};
export type Chart =
  | { readonly form: "rates"; readonly rows: readonly RateBar[] }
  | { readonly form: "shares"; readonly rows: readonly ShareBar[] }
  | { readonly form: "places"; readonly rows: readonly PlaceDot[] }
  | { readonly form: "curves"; readonly points: readonly CurveDot[] };

type RateColumns = {
  readonly who: WhoOf;
  readonly label: (row: ReportLine) => string;
  readonly rate: string;
  /** Names of intervals, without `_low` and `_high`. */
  readonly interval: string;
  readonly outer?: string;
  readonly mark?: string;
  readonly bounds?: readonly [low: string, high: string];
};

/** One bar per row whose rate is known. */
export function ratesChart(rows: readonly ReportLine[], columns: RateColumns): Chart {
  const { label, who, rate, interval, outer, mark, bounds } = columns;
  return {
    form: "rates",
    rows: rows
      .filter((row) => numberOf(row[rate]) !== null)
      .map((row) => ({
        label: label(row),
        who: who(row),
        rate: numberOf(row[rate]),
        low: numberOf(row[`${interval}_low`]),
        high: numberOf(row[`${interval}_high`]),
        outer: outer === undefined ? undefined : rangeOf(row, `${outer}_low`, `${outer}_high`),
        mark: mark === undefined || who(row) === "gold" ? null : numberOf(row[mark]),
        bounds: bounds === undefined || !row.faults ? undefined : pairOf(row, ...bounds),
      })),
  };
}

/** Pass and conflict rates by place: `place` names what a row is about under its run. */
export function placesChart(
  rows: readonly ReportLine[],
  { place, who }: { readonly place: (row: ReportLine) => string; readonly who: WhoOf },
): Chart {
  return {
    form: "places",
    rows: rows.map((row) => ({
      run: String(row.run),
      who: who(row),
      place: place(row),
      rate: numberOf(row.pass_rate),
      low: numberOf(row.wilson_low),
      high: numberOf(row.wilson_high),
      conflict: numberOf(row.conflict_rate),
    })),
  };
}

/** Solo's and coop's rates over difficulty, of all models together, each measured by all of them. */
export function curvesChart(rows: readonly ReportLine[]): Chart {
  const pooled = rows.filter(({ version, model }) => version === "plain" && model === "all");
  const points = pooled.flatMap((row): CurveDot[] => {
    const [difficulty, rate] = [numberOf(row.difficulty), numberOf(row.rate)];
    if (difficulty === null || rate === null) return [];
    const arm = row.setting === "solo" ? "solo" : "coop";
    const [low, high] = [numberOf(row.wilson_low) ?? rate, numberOf(row.wilson_high) ?? rate];
    return [{ arm, difficulty, rate, low, high, of: `${row.passed} of ${row.tries} passed` }];
  });
  return { form: "curves", points };
}

/** What a value's piece looks like: a colour, and its label where that is not the value itself. */
export type Pieces = Readonly<Record<string, readonly [key: string, name?: string]>>;

/**
 * One bar per run, with one row per piece, in the order of `pieces`; a value that is not among them is grey and comes
 * last.
 */
export function sharesChart(
  rows: readonly ReportLine[],
  { column, pieces }: { readonly column: string; readonly pieces: Pieces },
): Chart {
  const order = Object.keys(pieces);
  const place = (value: string) => (order.includes(value) ? order.indexOf(value) : order.length);
  const bars = [...Map.groupBy(rows, ({ run }) => String(run))].flatMap(([label, own]) => {
    const counted = own.map((row) => ({
      value: String(row[column]),
      pairs: numberOf(row.pairs) ?? 0,
    }));
    const all = counted.reduce((sum, { pairs }) => sum + pairs, 0);
    return counted
      .toSorted((a, b) => place(a.value) - place(b.value))
      .map(({ value, pairs }) => {
        const [key, name = value] = pieces[value] ?? ["unknown"];
        return { label, key, name, pairs, share: pairs / all };
      });
  });
  return { form: "shares", rows: bars };
}

/** A cell as a number; null for anything else. */
export function numberOf(cell: ReportCell | undefined): number | null {
  return typeof cell === "number" ? cell : null;
}

function rangeOf(row: ReportLine, low: string, high: string) {
  const found = pairOf(row, low, high);
  return found && { low: found[0], high: found[1] };
}

function pairOf(row: ReportLine, low: string, high: string) {
  const [from, to] = [numberOf(row[low]), numberOf(row[high])];
  return from === null || to === null ? undefined : ([from, to] as const);
}
