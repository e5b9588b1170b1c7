// Owns the names that agents go by, and what each needs.
import { basename } from "node:path";
import { UsageError } from "../core/fault.ts";
import { GOLD_AGENT } from "../core/gold.ts";
import { unknownName } from "../core/nearest.ts";
import { DEFAULT_AGENT } from "../core/vocabulary.ts";
import type { Agent } from "./agent.ts";
import type { Program } from "./installed/program.ts";
import { ACP, isProgramName, programNamed, SHIPPED, shippedProgram } from "./installed/shipped.ts";

/** Whether an agent must have, may have, or cannot use a model; whether it works in a sandbox. */
export type AgentNeeds = {
  readonly needs_model: "required" | "optional" | "none";
  readonly needs_sandbox: boolean;
  /** It is a program in its sandbox, and calls its model from there. */
  readonly needs_gateway?: true;
};
/** An agent's row; `means` is for documents. */
export type AgentRow = AgentNeeds & {
  readonly means: string;
  /** Other names for it. */
  readonly aliases?: readonly string[];
  readonly load: () => Promise<Agent>;
  /** Of an agent that is a program in the sandbox. */
  readonly program?: () => Program;
};

/** Tandem's own agents. */
const OWN = {
  [GOLD_AGENT]: {
    means: "hands in the reference patches as they are: the ceiling",
    needs_model: "none",
    needs_sandbox: false,
    load: async () => (await import("./gold.ts")).goldAgent,
  },
  null: {
    means: "does nothing: the floor",
    needs_model: "none",
    needs_sandbox: false,
    load: async () => (await import("./null.ts")).nullAgent,
  },
  [DEFAULT_AGENT]: {
    means: "asks a model for one command after another, in a sandbox",
    aliases: ["mini_swe_agent_v2"],
    needs_model: "required",
    needs_sandbox: true,
    load: async () => (await import("./mini.ts")).miniAgent,
  },
} as const satisfies Record<string, AgentRow>;

/** A program is described by its file, which is read when it is asked for. */
function programRow(program: () => Program): AgentRow {
  return {
    ...PROGRAM,
    get means() {
      return program().means;
    },
    program,
    load: async () => (await import("./installed/agent.ts")).installedAgent(program()),
  };
}
const PROGRAM = { needs_model: "required", needs_sandbox: true, needs_gateway: true } as const;

/** All that go by a name: Tandem's own, and the programs that ship. */
export const AGENTS: Agents = {
  ...OWN,
  ...Object.fromEntries(SHIPPED.map((name) => [name, programRow(() => shippedProgram(name))])),
};

export type Agents = Readonly<Record<string, AgentRow>>;

/** The row that a name or an alias leads to. */
function entryOf(name: string, agents: Agents): [name: string, row: AgentRow] | undefined {
  if (isProgramName(name)) return [name, programRow(() => programNamed(name))];
  if (Object.hasOwn(agents, name)) return Object.entries(agents).find(([own]) => own === name);
  return Object.entries(agents).find(([, { aliases = [] }]) => aliases.includes(name));
}

/** Whether the name of an agent is the path of a file: it has a slash, or ends like a module or a program's file. */
export function isAgentFile(name: string): boolean {
  return !name.startsWith(ACP) && (name.includes("/") || /\.(?:[jt]s|toml)$/.test(name));
}

/** The agent's own name for a name or alias; a module's path as it is. Throws UsageError naming the nearest valid one. */
export function agentName(name: string, agents: Agents = AGENTS): string {
  const [own] = entryOf(name, agents) ?? [];
  if (own !== undefined) return own;
  if (isAgentFile(name)) return name;
  const known = Object.entries(agents);
  const aliases = known.flatMap(([, row]) => row.aliases ?? []);
  throw new UsageError(
    `${unknownName("agent", name, [...known.map(([other]) => other), ...aliases])} (give a module of your own as a path: ./my-agent.ts)`,
  );
}

/** What an agent needs; a module's own code decides whether it asks a model. Throws as {@link agentName}. */
export function agentNeeds(name: string, agents: Agents = AGENTS): AgentNeeds {
  const [, row] = entryOf(agentName(name, agents), agents) ?? [];
  const { needs_model, needs_sandbox, needs_gateway }: AgentNeeds = row ?? MODULE;
  return { needs_model, needs_sandbox, ...(needs_gateway ? { needs_gateway } : {}) };
}
const MODULE: AgentNeeds = { needs_model: "optional", needs_sandbox: true };

/** The agent under that name. Throws UsageError for an unknown name and for a module that is not an agent. */
export async function loadAgent(
  name: string,
  agents: Agents = AGENTS,
): Promise<AgentNeeds & { readonly agent: Agent; readonly program?: Program }> {
  const [, row] = entryOf(agentName(name, agents), agents) ?? [];
  if (row !== undefined) {
    const program = row.program?.();
    const found = { ...agentNeeds(name, agents), agent: await row.load() };
    return program === undefined ? found : { ...found, program };
  }
  const { moduleAgent } = await import("./module.ts");
  return { ...MODULE, agent: await moduleAgent(name) };
}

/** The agent of a file that lies elsewhere than its name says: that is what its faults call it. Throws as {@link loadAgent}. */
export async function loadAgentAt(name: string, path: string): ReturnType<typeof loadAgent> {
  if (isProgramName(name)) return await loadAgent(path);
  const { moduleAgent } = await import("./module.ts");
  return { ...MODULE, agent: await moduleAgent(path, name) };
}

/**
 * What distinguishes an agent from another of the same name: a module's SHA-256 (of its file, not of what that imports)
 * and the `version` it exports. `short_name` is for names of runs. Throws as {@link loadAgent}.
 */
export type AgentIdentity = {
  readonly name: string;
  readonly short_name: string;
  readonly sha256?: string;
  readonly version?: string;
};
/** `claude` of `./agents/claude.toml`, `gemini --acp` of `acp:gemini --acp`. */
function shortName(name: string): string {
  return name.startsWith(ACP) ? name.slice(ACP.length) : basename(name, ".toml");
}

export async function agentIdentity(name: string): Promise<AgentIdentity> {
  const own = agentName(name);
  const program = entryOf(own, AGENTS)?.[1].program?.();
  if (program !== undefined) {
    const { sha256, version } = program;
    return { name: own, short_name: shortName(own), sha256, version };
  }
  if (Object.hasOwn(AGENTS, own)) return { name: own, short_name: own };
  const { moduleIdentity } = await import("./module.ts");
  return { name: own, ...(await moduleIdentity(own)) };
}
