// Owns how a column is declared: how people see it, its type in files, its meaning; and the columns that parts share.

/**
 * `rate`: a proportion; `signed`: a difference of two; `p`: a p-value; `number`: any other fraction; `usd`: US dollars;
 * `ms`: milliseconds.
 */
export type Kind = "text" | "flag" | "count" | "rate" | "signed" | "p" | "number" | "usd" | "ms";
export type Column = {
  readonly kind: Kind;
  /** Understood without the columns beside it. */
  readonly meaning: string;
  /** Shown to people only if some row has more than 0 in it. */
  readonly hidden_if_zero?: true;
  /** Why a value may be unknown, shown to people next to `n/a`. */
  readonly missing?: string;
};
/**
 * Columns by name, in the order of the table. A name with `_low` and its `_high` are an interval, with `_reason` why
 * there is none: people see them as one cell.
 */
export type Columns = Readonly<Record<string, Column>>;

type More = Omit<Column, "kind" | "meaning">;
const of =
  (kind: Kind) =>
  (meaning: string, more: More = {}): Column => ({ kind, meaning, ...more });
export const text = of("text");
export const flag = of("flag");
export const count = of("count");
export const rate = of("rate");
export const signed = of("signed");
export const pValue = of("p");
export const number = of("number");
export const usd = of("usd");

type IntervalColumn = More & {
  readonly kind?: "rate" | "signed" | "usd" | "number";
  readonly reasons?: true;
};

/** The columns of an interval; with `reasons` one that says why there is none. */
export function interval(
  name: string,
  meaning: string,
  { kind = "rate", reasons, ...more }: IntervalColumn = {},
): Columns {
  const why = { [`${name}_reason`]: text(`why the interval ${name} is unknown`) };
  return {
    [`${name}_low`]: { kind, meaning: `${meaning}: lower bound`, ...more },
    [`${name}_high`]: { kind, meaning: `${meaning}: upper bound`, ...more },
    ...(reasons === true ? why : {}),
  };
}

const NOT_SCORED = { missing: "nothing is scored" };

export const RUN = { run: text("name of the run") };
export const SETTING = { setting: text("`coop` or `solo`") };
export const REPO = { repo: text("repository") };
export const TASK = { task: count("number of the task") };
export const ATTEMPTS = { attempts: count("attempts counted") };

export const PASSES = {
  pairs: count("attempts counted, one per pair and try"),
  passed: count("attempts that passed"),
  pass_rate: rate(
    "passed / scored; conflicts, empty and too large patches, limits, refusals and timeouts are in the denominator",
    NOT_SCORED,
  ),
};
export const BY_TASK = interval(
  "by_task",
  "95 % t interval of the pass rate, error clustered by task",
  { reasons: true },
);
export const BY_REPO = interval(
  "by_repo",
  "95 % t interval of the pass rate, error clustered by repository, as a check",
  { reasons: true },
);
export const WILSON = interval(
  "wilson",
  "Wilson's 95 % interval of the pass rate, as in the literature",
  NOT_SCORED,
);

/** What accompanies a pass rate: attempts without a verdict, merges, the ceiling. */
export const BESIDE_PASSES = {
  pending: count("attempts that wait for a verdict: outside the rate", { hidden_if_zero: true }),
  faults: count("attempts that met a fault: outside the rate", { hidden_if_zero: true }),
  rate_if_faults_fail: rate("the pass rate if every fault had failed", NOT_SCORED),
  rate_if_faults_pass: rate("the pass rate if every fault had passed", NOT_SCORED),
  conflicts: count("naive merges that conflict"),
  conflict_rate: rate("conflicts over attempts whose patches all apply and are not empty", {
    missing: "nothing was merged",
  }),
  apply_failed: count("attempts with a patch that does not apply", { hidden_if_zero: true }),
  empty: count("attempts with an empty patch", { hidden_if_zero: true }),
  gold_ceiling: rate(
    "pass rate of the merged reference patches of the same pairs, under the same policy",
    { missing: "solo, or not every pair has a scored gold attempt" },
  ),
};

export const CONFLICTS = {
  conflicts: count("naive merges that conflict"),
  conflict_rate: BESIDE_PASSES.conflict_rate,
  merged: count("attempts whose patches all apply and are not empty"),
};
export const CONFLICT_BY_TASK = interval(
  "conflict_by_task",
  "95 % t interval of the conflict rate, error clustered by task",
  { reasons: true },
);
export const CONFLICT_WILSON = interval(
  "conflict_wilson",
  "Wilson's 95 % interval of the conflict rate",
);

/** For the measure that a row names. */
export const SPREAD = {
  known_values: count("values of the measure that are known"),
  unknown_values: count("values of the measure that are not known: outside the total"),
  q1: number("first quartile of the measure"),
  median: number("median of the measure"),
  q3: number("third quartile of the measure"),
  mean: number("mean of the measure"),
};
export const TOTAL = { total: number("sum of the measure's known values") };

/** Names of a table's columns that occur in its rows: a part's in the order of its declaration, others as they come. */
export function columnsOf({
  rows,
  columns,
}: {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly columns?: Columns | undefined;
}): string[] {
  const found = new Set(rows.flatMap((row) => Object.keys(row)));
  if (columns === undefined) return [...found];
  const declared = Object.keys(columns).filter((name) => found.has(name));
  return [...new Set([...declared, ...found])];
}
