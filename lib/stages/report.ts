// Owns the stages that only read, as functions: the existing pairs, and the report on what was done.

import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { isGold } from "../core/gold.ts";
import { DEFAULT_POLICY } from "../core/vocabulary.ts";
import { type Places, placesOf } from "../engine/places.ts";
import { type PartContext, partContext } from "../report/context.ts";
import type { ReportTable } from "../report/line.ts";
import { type PartRegistry, tableFor } from "../report/part.ts";
import { defaultParts, loadPart, PARTS } from "../report/parts/registry.ts";
import type { PublishedOutcome } from "../report/published.ts";
import { type GoldVerdicts, goldVerdicts, makeReport, type Report } from "../report/report.ts";
import { selectPairs, selectRows, type Unit } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";

type Filters = Omit<Selection, "dataset_dir">;
type Under = { readonly policy?: Policy | undefined };
export type TablesOptions = Filters &
  Under & {
    /** Which parts, in the order in which they come back; the quick ones when absent. */
    readonly parts?: readonly string[] | undefined;
    /** Comparisons: the difference that counts as none, a proportion; .05 when absent. */
    readonly margin?: number | undefined;
    /** Also compare pairs whose task files differ between runs; refused otherwise. */
    readonly across_editions?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Which parts there are: Tandem's own when absent. `{ ...PARTS, mine: { load } }` adds one, whose module `load` imports. */
    readonly registry?: PartRegistry | undefined;
  };

/** The pairs that filters or keys choose. Throws UsageError for what the dataset does not have, naming the nearest. */
export function pairs(places: Places, select: Omit<Filters, "run"> = {}): Unit[] {
  const { ledger, dataset_dir } = placesOf(places);
  return selectPairs(ledger, { ...select, dataset_dir });
}

/** Rates with intervals, outcomes, paths and causes under one policy (`union` when absent). Throws UsageError when nothing was run. */
export function report(
  places: Places,
  { policy = DEFAULT_POLICY, ...select }: Filters & Under = {},
): Report {
  const { rows, gold, ledger } = contextOf(places, { ...select, policy });
  return makeReport({ rows, policy, gold: gold(), checks: ledger.checks.all() });
}

/**
 * The parts of a report as tables for any format, clustered intervals and comparisons among them. Throws UsageError
 * when nothing was run, RangeError for an invalid margin, and the signal's reason once it is aborted.
 */
export async function reportTables(
  places: Places,
  {
    policy = DEFAULT_POLICY,
    registry = PARTS,
    parts = defaultParts(registry),
    margin,
    across_editions,
    signal,
    ...select
  }: TablesOptions = {},
): Promise<ReportTable[]> {
  const asked = { margin, across_editions, signal };
  const context = { ...contextOf(places, { ...select, policy }), ...asked };
  const tables: ReportTable[] = [];
  for (const part of parts) {
    signal?.throwIfAborted();
    tables.push(await tableFor(await loadPart(part, registry), context));
  }
  return tables;
}

function contextOf(
  places: Places,
  { policy, ...select }: Filters & { readonly policy: Policy },
): PartContext {
  const { ledger, dataset_dir } = placesOf(places);
  const rows = selectRows(ledger, { filters: { ...select, dataset_dir }, policy });
  const published = () => publishedOf(ledger, { ...select, dataset_dir });
  if (rows.length === 0 && published().length === 0)
    throw new UsageError("no attempt to report on: run some with run-pair first");
  return partContext({
    ...{ ledger, policy, rows, published },
    narrowed: isNarrowed(select),
    gold: () => goldOf(places, { select, policy, rows }),
  });
}

/** Published tables belong to no run: naming a run asks for none of them. */
function publishedOf(ledger: Ledger, select: Selection): readonly PublishedOutcome[] {
  const { run, runs, limit: _limit, ...filters } = select;
  const rows = run === undefined && runs === undefined ? ledger.pages.published() : [];
  if (rows.length === 0 || !isNarrowed(filters)) return rows;
  // Keys name attempts here.
  if (filters.keys !== undefined) return [];
  const wanted = new Set(selectPairs(ledger, filters).map(({ pair_key }) => pair_key));
  return rows.filter(({ pair_key }) => wanted.has(pair_key));
}

/** Verdicts of all gold runs: the ceiling does not depend on which runs are reported. */
function goldOf(
  { ledger }: Places,
  { select, policy, rows }: { select: Filters; policy: Policy; rows: readonly OutcomeRow[] },
): GoldVerdicts {
  const { run, runs } = select;
  if (run === undefined && runs === undefined && !isNarrowed(select)) return goldVerdicts(rows);
  const names = ledger.runs.all().flatMap((row) => (isGold(row) ? row.run : []));
  return goldVerdicts(names.length === 0 ? [] : ledger.outcomes.rows(policy, names));
}

function isNarrowed({ keys, subset, repo, task_id, features, limit, gradeable }: Filters): boolean {
  return [keys, subset, repo, task_id, features, limit, gradeable].some(
    (filter) => filter !== undefined,
  );
}
