// Owns the names that agents go by, and what each needs.
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import type { Agent } from "./agent.ts";

/** Whether an agent must have, may have, or cannot use a model; whether it works in a sandbox. */
export type AgentNeeds = {
  readonly needs_model: "required" | "optional" | "none";
  readonly needs_sandbox: boolean;
};
type Entry = AgentNeeds & { readonly load: () => Promise<Agent> };

/** Tandem's own agents. */
export const AGENTS = {
  gold: {
    needs_model: "none",
    needs_sandbox: false,
    load: async () => (await import("./gold.ts")).goldAgent,
  },
  null: {
    needs_model: "none",
    needs_sandbox: false,
    load: async () => (await import("./null.ts")).nullAgent,
  },
  mini: {
    needs_model: "required",
    needs_sandbox: true,
    load: async () => (await import("./mini.ts")).miniAgent,
  },
} as const satisfies Record<string, Entry>;

const OWN: ReadonlyMap<string, Entry> = new Map(Object.entries(AGENTS));
const ALIASES: ReadonlyMap<string, keyof typeof AGENTS> = new Map([["mini_swe_agent", "mini"]]);

/** Whether the name of an agent is the path of a module: it has a slash, or ends like one. */
export function isModulePath(name: string): boolean {
  return name.includes("/") || /\.[jt]s$/.test(name);
}

/** The agent's own name for a name or alias; a module's path as it is. Throws UsageError naming the nearest valid one. */
export function agentName(name: string): string {
  const own = ALIASES.get(name) ?? name;
  if (OWN.has(own) || isModulePath(name)) return own;
  throw new UsageError(
    `${unknownName("agent", name, [...OWN.keys(), ...ALIASES.keys()])} (a module of your own is given as a path: ./my-agent.ts)`,
  );
}

/** What an agent needs; a module's own code decides whether it asks a model. Throws as {@link agentName}. */
export function agentNeeds(name: string): AgentNeeds {
  const { needs_model, needs_sandbox } = OWN.get(agentName(name)) ?? MODULE;
  return { needs_model, needs_sandbox };
}
const MODULE: AgentNeeds = { needs_model: "optional", needs_sandbox: true };

/** The agent under that name. Throws UsageError for an unknown name and for a module that is none. */
export async function loadAgent(name: string): Promise<AgentNeeds & { readonly agent: Agent }> {
  const own = OWN.get(agentName(name));
  if (own !== undefined) return { ...agentNeeds(name), agent: await own.load() };
  const { moduleAgent } = await import("./module.ts");
  return { ...MODULE, agent: await moduleAgent(name) };
}

/**
 * What tells an agent from another of the same name: a module's SHA-256 (of its file, not of what that imports) and the
 * `version` it exports. `short_name` is for names of runs. Throws as {@link loadAgent}.
 */
export type AgentIdentity = {
  readonly name: string;
  readonly short_name: string;
  readonly sha256?: string;
  readonly version?: string;
};
export async function agentIdentity(name: string): Promise<AgentIdentity> {
  const own = agentName(name);
  if (OWN.has(own)) return { name: own, short_name: own };
  const { moduleIdentity } = await import("./module.ts");
  return { name: own, ...(await moduleIdentity(own)) };
}
