// Owns how far a unit's calls are: what they are known to have cost, of how many nobody knows, and how many are under way.
import type { UnitProgress } from "../../db/schema.ts";
import { addUp } from "../money.ts";
import { CUT_OFF, type MeteredModel } from "./metered.ts";
import { tokensOf } from "./model.ts";

/** The progress of a unit whose calls these models make. */
export function progressOf(
  doing: string,
  models: Iterable<MeteredModel>,
  agents: UnitProgress["agents"] = [],
): UnitProgress & { readonly cost_usd: number } {
  const asked = [...models];
  const calls = asked.flatMap((model) => [...model.calls]);
  const cut_off = calls.filter(({ stop_reason }) => stop_reason === CUT_OFF).length;
  const { known, unknown } = addUp(calls.map(({ cost_usd }) => cost_usd));
  const known_usd = calls.flatMap(({ cost_usd }) => cost_usd ?? []);
  return {
    ...(known_usd.length === 0 ? {} : { dearest_usd: Math.max(...known_usd) }),
    ...{ doing, cost_usd: known ?? 0, unpriced: unknown - cut_off, cut_off, agents },
    in_flight: asked.reduce((sum, model) => sum + model.in_flight, 0),
    tokens: calls.reduce((sum, call) => sum + tokensOf(call), 0),
  };
}
