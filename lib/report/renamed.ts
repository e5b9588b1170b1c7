// Owns the renamed columns of reports: with this table, a reader of newer reports can read older ones.

/** A column of a part, what it was called before, and what it is called now. */
export type Renamed = { readonly part: string; readonly before: string; readonly now: string };

const SPREADS = ["anatomy", "cost", "distances", "conversations"];

export const RENAMED: readonly Renamed[] = [
  ...SPREADS.flatMap((part) => [
    { part, before: "n", now: "known_values" },
    { part, before: "unknown", now: "unknown_values" },
  ]),
  { part: "checks", before: "not", now: "not_as_it_should" },
  { part: "checks", before: "why", now: "why_not_as_it_should" },
  { part: "checks", before: "flaky", now: "flaky_features" },
  { part: "checks", before: "unproven", now: "unproven_features" },
  { part: "comparisons", before: "what", now: "comparison" },
  { part: "conflict", before: "low", now: "low_severity" },
  { part: "conflict", before: "medium", now: "medium_severity" },
  { part: "conflict", before: "high", now: "high_severity" },
  { part: "conflict", before: "critical", now: "critical_severity" },
  { part: "coupling", before: "has", now: "attempts_with_trait" },
  { part: "coupling", before: "hits", now: "conflicts_with_trait" },
  { part: "coupling", before: "rate_without", now: "conflict_rate_without_trait" },
  { part: "judged", before: "judged", now: "judged_attempts" },
  { part: "judged", before: "of", now: "subjects" },
  { part: "talk", before: "silent", now: "silent_attempts" },
  { part: "talk", before: "unknown", now: "unknown_attempts" },
];

/** Rows of a part from before, under today's names. */
export function withTodaysNames(
  part: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown>[] {
  const own = new Map(
    RENAMED.flatMap((one) => (one.part === part ? [[one.before, one.now] as const] : [])),
  );
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [own.get(name) ?? name, cell])),
  );
}
