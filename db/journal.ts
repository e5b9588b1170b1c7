// Owns lines of the journal: what happened to a unit, written down as it happens.
import { type JournalRow, journal, type Step, type UnitEvent } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** A piece of work: what it is done to (an attempt's key, say), what is done, and the run it belongs to. */
export type WorkUnit = { readonly unit: string; readonly step: Step; readonly run: string };

/** Writes one line into the journal. */
export function note(
  tx: Pick<Tables, "insert">,
  { unit, step, run }: WorkUnit,
  event: UnitEvent,
  { owner = null, cost_usd = 0, note: words = null }: Partial<JournalRow> = {},
): void {
  tx.insert(journal)
    .values({ at: new Date().toISOString(), run, unit, step, event, owner, cost_usd, note: words })
    .run();
}
