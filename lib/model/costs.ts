// Owns what calls of a model have cost, with those whose cost is unknown counted separately.
import { addUp } from "../core/money.ts";
import { CUT_OFF } from "./kept-calls.ts";

type Priced = { readonly cost_usd: number | null; readonly stop_reason?: string };
export type Costs = {
  /** US dollars of the calls whose cost is known; null where none is. */
  readonly known_usd: number | null;
  /** Calls that were answered at an unknown price. */
  readonly unpriced: number;
  /** Calls that were cut off: what they cost is unknown. */
  readonly cut_off: number;
  /** US dollars of the dearest call whose cost is known; null where none is. */
  readonly dearest_usd: number | null;
};

export function costsOf(calls: readonly Priced[]): Costs {
  const { known, unknown } = addUp(calls.map(({ cost_usd }) => cost_usd));
  const cut_off = calls.filter(({ stop_reason }) => stop_reason === CUT_OFF).length;
  const costs = calls.flatMap(({ cost_usd }) => cost_usd ?? []);
  const dearest_usd = costs.length === 0 ? null : Math.max(...costs);
  return { known_usd: known, unpriced: unknown - cut_off, cut_off, dearest_usd };
}
