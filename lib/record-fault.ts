// Owns turning a fault of a unit into its row in the ledger.
import type { Ledger } from "../db/ledger.ts";
import type { Fault } from "./fault.ts";
import { type AttemptId, attemptKey } from "./keys.ts";

/** Keeps a fault of a unit in the ledger, with what the unit had cost until then in US dollars. */
export function recordFault(
  ledger: Ledger,
  what: {
    attempt: AttemptId;
    step: "run" | "merge" | "eval";
    fault: Fault;
    cost_usd?: number | null;
  },
): void {
  const { attempt, step, fault, cost_usd = 0 } = what;
  const { run, repo, task_id, features } = attempt;
  ledger.faults.add({
    unit: attemptKey(attempt),
    run,
    repo,
    task_id,
    features: [...features],
    try: attempt.try,
    step,
    code: fault.code,
    message: fault.message,
    hint: fault.hint,
    cause: fault.cause === undefined ? null : String(fault.cause),
    happened_at: new Date().toISOString(),
    cost_usd,
  });
}
