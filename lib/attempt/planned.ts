// Owns which attempts a run asks for, and which of them are finished.
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { type AttemptId, attemptKey, parsePairKey } from "../core/keys.ts";

/** The attempts that a plan asks for, with the ones already finished marked. */
export function plannedAttempts(plan: {
  readonly ledger: Ledger;
  readonly run_name: string;
  readonly pairs: readonly Pick<PairRow, "pair_key">[];
  readonly tries: number;
  readonly force: boolean;
}) {
  const finished = plan.ledger.attempts.finished(plan.run_name);
  return plan.pairs.flatMap(({ pair_key }) =>
    Array.from({ length: plan.tries }, (_, index) => {
      const attempt: AttemptId = { ...parsePairKey(pair_key), run: plan.run_name, try: index + 1 };
      const key = attemptKey(attempt);
      return { attempt, key, pair_key, done: plan.force ? undefined : finished.get(key) };
    }),
  );
}
export type PlannedAttempt = ReturnType<typeof plannedAttempts>[number];
