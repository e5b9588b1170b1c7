// Owns the names that agents go by, and what each needs.
import { UsageError } from "../fault.ts";
import { unknownName } from "../nearest.ts";
import type { Agent } from "./agent.ts";

/** Names of agents with what they need; aliases lead to the same one. */
export const AGENTS = {
  gold: { needs_model: false, load: async () => (await import("./gold.ts")).goldAgent },
  null: { needs_model: false, load: async () => (await import("./null.ts")).nullAgent },
  mini: { needs_model: true, load: async () => (await import("./mini.ts")).miniAgent },
} as const satisfies Record<string, { needs_model: boolean; load: () => Promise<Agent> }>;
export type AgentName = keyof typeof AGENTS;

const NAMES = ["gold", "null", "mini"] as const satisfies AgentName[];
const ALIASES: ReadonlyMap<string, AgentName> = new Map([["mini_swe_agent", "mini"]]);

/** The agent's own name for a name or alias. Throws UsageError naming the nearest valid one. */
export function agentName(name: string): AgentName {
  const found = NAMES.find((known) => known === name) ?? ALIASES.get(name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("agent", name, [...NAMES, ...ALIASES.keys()]));
}
