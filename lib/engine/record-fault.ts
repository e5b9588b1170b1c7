// Owns turning a fault of a unit into its row in the ledger.
import type { Ledger } from "../../db/ledger.ts";
import type { UnitProgress } from "../../db/schema.ts";
import type { Fault } from "../core/fault.ts";
import type { AttemptId } from "../core/keys.ts";
import type { Step } from "../core/vocabulary.ts";

/** Keeps a fault of a unit in the ledger, with what the unit had cost by then. */
export function recordFault(
  ledger: Ledger,
  what: {
    readonly about: AttemptId & { readonly unit: string };
    readonly step: Step;
    readonly fault: Fault;
    /** The unit's progress; absent: it was not begun. */
    readonly spent?: UnitProgress | undefined;
  },
): void {
  const { about, step, fault, spent } = what;
  const { unit, run, repo, task_id, features } = about;
  const row = {
    ...{ unit, run, repo, task_id, features: [...features], try: about.try, step },
    code: fault.code,
    message: fault.message,
    hint: fault.hint,
    cause: fault.cause === undefined ? null : String(fault.cause),
    happened_at: new Date().toISOString(),
    cost_usd: 0,
  };
  ledger.faults.add(row, spent);
}
