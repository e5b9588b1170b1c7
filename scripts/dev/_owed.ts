// Owns comparing what a ledger knows of a study's cost with the bill of the model's server.
import type { Ledger } from "../../db/ledger.ts";
import type { Bill } from "./_paid-model.ts";

export type Owed = {
  readonly billed_usd: number;
  readonly known_usd: number;
  /** Calls whose cost is marked as unknown: they were cut off. */
  readonly unknown_calls: number;
  readonly damage: readonly string[];
};

/** Sums of many small numbers. */
const TOLERANCE_USD = 1e-9;
/** Four pairs of two agents, or four questions. */
const MOST_AT_ONCE = 8;

/** known ≤ bill ≤ known + cut off × dearest; and no call is marked that no kill can have cut off. */
export function owed(ledger: Ledger, bill: Bill, kills: number): Owed {
  const runs = ledger.status.spent(undefined);
  const labels = ledger.labels.spent(runs.map(({ run }) => run));
  const known_usd = runs.reduce((sum, { usd }) => sum + usd, labels.usd);
  const unknown_calls = runs.reduce(
    (sum, { unpriced }) => sum + unpriced,
    labels.unpriced + labels.cut_off,
  );
  const most_usd = known_usd + unknown_calls * bill.dearest_usd;
  const told = `${known_usd} US dollars are known and ${unknown_calls} calls are not, of a bill of ${bill.usd}`;
  return {
    billed_usd: bill.usd,
    known_usd,
    unknown_calls,
    damage: [
      ...(known_usd > bill.usd + TOLERANCE_USD ? [`cost was counted twice: ${told}`] : []),
      ...(most_usd < bill.usd - TOLERANCE_USD ? [`cost was lost without a mark: ${told}`] : []),
      ...(unknown_calls > kills * MOST_AT_ONCE ? [`calls are marked twice: ${told}`] : []),
    ],
  };
}
