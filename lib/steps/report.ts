// Owns the steps that only read, as functions: the pairs there are, and the report on what was done.
import type { Policy } from "../../db/schema.ts";
import { UsageError } from "../fault.ts";
import { goldVerdicts, makeReport, type Report } from "../report/report.ts";
import { type Places, placesOf } from "./places.ts";
import { type Selection, selectPairs, selectRows, type Unit } from "./select.ts";

type Filters = Omit<Selection, "dataset_dir">;

/** The pairs that filters or keys choose. Throws UsageError for what the dataset does not know, naming the nearest. */
export function pairs(places: Places, select: Omit<Filters, "run"> = {}): Unit[] {
  const { ledger, dataset_dir } = placesOf(places);
  return selectPairs(ledger, { ...select, dataset_dir });
}

/** Rates with intervals, outcomes, paths and causes under one policy (`union` when absent). Throws UsageError when nothing was run. */
export function report(
  places: Places,
  { policy = "union", ...select }: Filters & { readonly policy?: Policy } = {},
): Report {
  const { ledger, dataset_dir } = placesOf(places);
  const rows = selectRows(ledger, { filters: { ...select, dataset_dir }, policy });
  if (rows.length === 0)
    throw new UsageError("no attempt to report on: run some with run-pair first");
  const gold = goldVerdicts(ledger.outcomes.rows(policy));
  return makeReport({ rows, policy, gold, checks: ledger.checks.all() });
}
