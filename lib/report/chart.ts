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
  readonly of?: Counted | undefined;
};
/** What a rate was counted from: so many of so many. */
export type Counted = readonly [part: number, whole: number];
/** Of fewer than this a rate says nothing: they are counted, and no mark stands for them. */
export const FEWEST_DRAWN = 5;
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
  readonly of: Counted;
  /** Naive merges that conflict, of those made. */
  readonly conflicts_of: number | null;
};
/** What an attempt of a run uses, against its pass rate; intervals of both, null where there is none. */
export type SpentDot = {
  readonly label: string;
  readonly who: Who;
  readonly x: number;
  readonly x_low: number | null;
  readonly x_high: number | null;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** `3 of 4`. */
  readonly of: string;
  /** Whether it attempted the same pairs as the runs of the frontier. */
  readonly same_pairs: boolean;
  readonly frontier: boolean;
};
type Form =
  | { readonly form: "rates"; readonly rows: readonly RateBar[] }
  | { readonly form: "shares"; readonly rows: readonly ShareBar[] }
  | { readonly form: "places"; readonly rows: readonly PlaceDot[] }
  | { readonly form: "curves"; readonly points: readonly CurveDot[] }
  | { readonly form: "spent"; readonly unit: string; readonly points: readonly SpentDot[] };
/** `note`: what is not drawn, and why; of a chart without marks, why it has none. */
export type Chart = Form & { readonly note?: string };

type RateColumns = {
  readonly who: WhoOf;
  readonly label: (row: ReportLine) => string;
  readonly rate: string;
  /** Names of intervals, without `_low` and `_high`. */
  readonly interval: string;
  readonly outer?: string;
  readonly mark?: string;
  readonly bounds?: readonly [low: string, high: string];
  readonly of?: (row: ReportLine) => Counted;
};

/** Passed attempts of the scored ones. */
export function passedOf({ passed, pairs, pending, faults }: ReportLine): Counted {
  return [Number(passed ?? 0), Number(pairs ?? 0) - Number(pending ?? 0) - Number(faults ?? 0)];
}

/** One bar per row whose rate is known. */
export function ratesChart(rows: readonly ReportLine[], columns: RateColumns): Chart {
  const { label, who, rate, interval, outer, mark, bounds, of } = columns;
  const few = of !== undefined && rows.some((row) => of(row)[1] < FEWEST_DRAWN && of(row)[1] > 0);
  return {
    form: "rates",
    ...(few ? { note: FEW } : {}),
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
        of: of?.(row),
      })),
  };
}

const FEW = `Fewer than ${FEWEST_DRAWN} are counted, not drawn.`;

/** Pass and conflict rates by place: `place` names what a row is about under its run. */
export function placesChart(
  rows: readonly ReportLine[],
  { place, who }: { readonly place: (row: ReportLine) => string; readonly who: WhoOf },
): Chart {
  const few = rows.some((row) => passedOf(row)[1] < FEWEST_DRAWN && passedOf(row)[1] > 0);
  return {
    form: "places",
    ...(few ? { note: FEW } : {}),
    rows: rows.map((row) => ({
      run: String(row.run),
      who: who(row),
      place: place(row),
      rate: numberOf(row.pass_rate),
      low: numberOf(row.wilson_low),
      high: numberOf(row.wilson_high),
      conflict: numberOf(row.conflict_rate),
      of: passedOf(row),
      conflicts_of: numberOf(row.conflicts),
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
  const models = new Set(
    rows.flatMap(({ version, model }) => (version === "plain" && model !== "all" ? [model] : [])),
  ).size;
  const buckets = new Set(points.map(({ difficulty }) => difficulty)).size;
  if (models >= FEWEST_MODELS && buckets >= FEWEST_BUCKETS) return { form: "curves", points };
  const note = `a curve needs ${FEWEST_MODELS} models and ${FEWEST_BUCKETS} buckets of difficulty, and here are ${models} and ${buckets}; the numbers are in the table`;
  return { form: "curves", points: [], ...(rows.length === 0 ? {} : { note }) };
}

/** With one model, or two, difficulty is little more than what that model itself did; two buckets make a line of anything. */
const FEWEST_MODELS = 3;
const FEWEST_BUCKETS = 4;

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
