// Owns how far a unit's calls are: their known cost, how many have an unknown cost, and how many are under way.

import type { UnitProgress } from "../../db/schema.ts";
import { sumOf } from "../core/lists.ts";
import { costsOf } from "./costs.ts";
import type { MeteredModel } from "./metered.ts";
import { tokensOf } from "./model.ts";

/** The progress of a unit whose calls these models make. */
export function progressOf(
  doing: string,
  models: Iterable<MeteredModel>,
  agents: UnitProgress["agents"] = [],
): UnitProgress & { readonly cost_usd: number } {
  const asked = [...models];
  const calls = asked.flatMap((model) => [...model.calls]);
  const { known_usd, dearest_usd, ...unknown } = costsOf(calls);
  return {
    ...(dearest_usd === null ? {} : { dearest_usd }),
    ...{ doing, cost_usd: known_usd ?? 0, ...unknown, agents },
    in_flight: sumOf(asked, (model) => model.in_flight),
    tokens: sumOf(calls, (call) => tokensOf(call)),
  };
}
