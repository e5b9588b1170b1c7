// Owns turning a fault of a unit into its row in the ledger.
import type { Ledger } from "../db/ledger.ts";
import type { Step } from "../db/words.ts";
import type { Fault } from "./fault.ts";
import type { AttemptId } from "./keys.ts";

/** Keeps a fault of a unit in the ledger, with what the unit had cost until then in US dollars. */
export function recordFault(
  ledger: Ledger,
  what: {
    readonly about: AttemptId & { readonly unit: string };
    readonly step: Step;
    readonly fault: Fault;
    readonly cost_usd: number | null;
  },
): void {
  const { about, step, fault, cost_usd } = what;
  const { unit, run, repo, task_id, features } = about;
  ledger.faults.add({
    ...{ unit, run, repo, task_id, features: [...features], try: about.try, step },
    code: fault.code,
    message: fault.message,
    hint: fault.hint,
    cause: fault.cause === undefined ? null : String(fault.cause),
    happened_at: new Date().toISOString(),
    cost_usd,
  });
}
