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
  { owner = null, note: words = null, ...given }: Partial<JournalRow> = {},
): void {
  const { cost_usd = 0, unpriced = 0, cut_off = 0, dearest_usd = null } = given;
  const { claim = null, worker = null, delivery = null } = given;
  const at = new Date().toISOString();
  const told = { cost_usd, unpriced, cut_off, dearest_usd, claim, worker, delivery };
  tx.insert(journal)
    .values({ at, run, unit, step, event, owner, ...told, note: words })
    .run();
}
