// Owns what the parts of a report are made from: the ledger and the rows that were chosen, each derived thing made once.

import type { Ledger } from "../../db/ledger.ts";
import type { MeasureScope } from "../../db/measures.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { once } from "../core/once.ts";
import type { RunTries } from "./intervals.ts";
import type { PublishedOutcome } from "./published.ts";
import { type GoldVerdicts, type Group, runGroups } from "./report.ts";

export type PartContext = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly rows: readonly OutcomeRow[];
  /** Names of the runs that the rows are of. */
  readonly runs: readonly string[];
  /** Outcomes that others published as a table, for the pairs that are asked for; none if a run is named. */
  readonly published: () => readonly PublishedOutcome[];
  /** Whether the rows are not all of those runs'. */
  readonly narrowed: boolean;
  readonly groups: () => readonly Group[];
  readonly gold: () => GoldVerdicts;
  /** Tries of pairs by run: what intervals and repeats are made from. */
  readonly tries: () => Promise<RunTries>;
  /** Comparisons: the difference that counts as none, a proportion; .05 when absent. */
  readonly margin?: number | undefined;
  /** Also compare pairs whose task files differ between runs; refused otherwise. */
  readonly across_editions?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};
type Given = Omit<PartContext, "groups" | "tries" | "runs"> & Partial<Pick<PartContext, "runs">>;

export function partContext(given: Given): PartContext {
  const { rows } = given;
  return {
    ...given,
    runs: given.runs ?? [...new Set(rows.map(({ run }) => run))],
    published: once(given.published),
    gold: once(given.gold),
    groups: once(() => runGroups(rows)),
    tries: once(async () => (await import("./intervals.ts")).triesByRun(rows)),
  };
}

/** Measures read the ledger by themselves: of whole runs, or of these attempts. */
export function scopeOf({ runs, narrowed, rows }: PartContext): MeasureScope {
  return { runs, only: narrowed ? rows.map(({ attempt_key }) => attempt_key) : undefined };
}

/** What several parts are made from, made once for a context. */
export function perContext<T>(make: (context: PartContext) => T): (context: PartContext) => T {
  const made = new WeakMap<PartContext, { readonly value: T }>();
  return (context) => {
    const known = made.get(context) ?? { value: make(context) };
    made.set(context, known);
    return known.value;
  };
}
