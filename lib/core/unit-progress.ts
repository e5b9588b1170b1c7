// Owns what a unit of work says of itself while it is under way.
import { z } from "zod";

/** How far a unit is: what it does, and what its calls are known to have cost so far in US dollars (null in old rows: a price is unknown). */
export type UnitProgress = {
  readonly doing: string;
  readonly cost_usd: number | null;
  /** Calls that were answered at an unknown price, cut off before their answer was whole, and under way; absent: none. */
  readonly unpriced?: number;
  readonly cut_off?: number;
  readonly in_flight?: number;
  /** The dearest call that is known. */
  readonly dearest_usd?: number;
  readonly tokens: number;
  readonly agents: readonly { readonly agent_id: string; readonly steps: number }[];
};

export const unitProgress: z.ZodType<UnitProgress> = z.object({
  doing: z.string(),
  cost_usd: z.number().nullable(),
  unpriced: z.number().exactOptional(),
  cut_off: z.number().exactOptional(),
  in_flight: z.number().exactOptional(),
  dearest_usd: z.number().exactOptional(),
  tokens: z.number(),
  agents: z.array(z.object({ agent_id: z.string(), steps: z.number() })),
});
