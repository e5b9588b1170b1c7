// Owns making a run's frozen configuration out of what is asked for, or out of the run that is replayed.
import type { Ledger } from "../../db/ledger.ts";
import { SETTINGS } from "../../db/words.ts";
import {
  type AgentConfig,
  agentConfigHash,
  defaultAgentConfig,
  loadAgentConfig,
} from "../agent/config.ts";
import { agentIdentity, agentNeeds } from "../agent/registry.ts";
import { UsageError } from "../fault.ts";
import { checkModelName } from "../model/names.ts";
import { unknownName } from "../nearest.ts";
import { BEFORE, type RunConfig } from "../pair/config.ts";
import { backendName } from "../sandbox/open.ts";

/** What an attempt is to do; everything has a default but the model of an agent that asks one. */
export type ConfigRequest = {
  /** `coop` (default) or `solo`. */
  readonly setting?: string | undefined;
  /** `mini` (default), `gold`, `null`, or the path of a module. */
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
  readonly base_url?: string | undefined;
  /** A configuration, or the path of a YAML, TOML or JSON file. */
  readonly agent_config?: AgentConfig | string | undefined;
  readonly messaging?: boolean | undefined;
  readonly git?: boolean | undefined;
  readonly cache?: boolean | undefined;
  /** Repeat the attempts of this run from its recorded answers: all of the above then comes from it. */
  readonly replay?: string | undefined;
  /** Limits an agent: 100 steps, 3 US dollars (null: none), two hours, five minutes a command. */
  readonly max_steps?: number | undefined;
  readonly max_cost_usd?: number | null | undefined;
  readonly max_wall_ms?: number | undefined;
  readonly command_timeout_ms?: number | undefined;
};

/** The configuration asked for. Throws UsageError for what cannot be. */
export async function runConfig(
  request: ConfigRequest,
  around: { readonly ledger: Ledger; readonly backend: string | undefined },
): Promise<RunConfig> {
  const backend = backendName(around.backend ?? "local");
  if (request.replay !== undefined)
    return { ...replayedConfig(request, around.ledger), backend, replay_of: request.replay };
  const { name: agent, sha256 } = await agentIdentity(request.agent ?? "mini");
  const asks = asksModel(agent, request);
  const setting = settingOf(request.setting ?? "coop");
  if (request.git && (setting === "solo" || !agentNeeds(agent).needs_sandbox))
    throw new UsageError(
      `git sharing needs agents with partners and sandboxes, not ${setting === "solo" ? "setting solo" : `the agent ${agent}`}: leave git away`,
    );
  const config = asks ? agentConfig(request.agent_config) : null;
  return {
    setting,
    agent,
    agent_sha256: sha256 ?? null,
    agent_config: config,
    agent_config_sha256: config && agentConfigHash(config),
    model: asks ? (request.model ?? null) : null,
    base_url: request.base_url ?? null,
    backend,
    messaging: request.messaging ?? true,
    git: request.git ?? false,
    cache: request.cache ?? false,
    replay_of: null,
    max_steps: request.max_steps ?? 100,
    max_cost_usd: request.max_cost_usd === undefined ? 3 : request.max_cost_usd,
    max_wall_ms: request.max_wall_ms ?? 7_200_000,
    command_timeout_ms: request.command_timeout_ms ?? 300_000,
  };
}

/** A replay does what its original did; only where sandboxes run is said anew. */
function replayedConfig(request: ConfigRequest, ledger: Ledger): RunConfig {
  const { replay = "", ...others } = request;
  const original = ledger.runs.find(replay);
  if (!original) {
    const known = ledger.runs.all().map(({ run }) => run);
    throw new UsageError(unknownName("run", replay, known));
  }
  const given = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined)
    throw new UsageError(`a replay takes ${given} from its original: leave it away`);
  if (original.model === null)
    throw new UsageError(`run "${replay}" asked no model: there is nothing to replay`);
  return { ...BEFORE, ...(original.config as RunConfig), cache: false };
}

/** A module of one's own decides for itself: it asks the model it is given, if it is given one. Throws UsageError. */
function asksModel(
  agent: string,
  { model, base_url, agent_config, cache }: ConfigRequest,
): boolean {
  const { needs_model } = agentNeeds(agent);
  if (model !== undefined && needs_model !== "none") {
    checkModelName(model, { base_url });
    return true;
  }
  if (needs_model === "required")
    throw new UsageError(
      `the agent ${agent} needs a model: -m anthropic/NAME, openai/NAME, gemini/NAME, … (the demo task has -m replay/demo)`,
    );
  const given = Object.entries({ model, base_url, agent_config, cache }).find(([, value]) => value);
  if (given && needs_model === "none")
    throw new UsageError(`the agent ${agent} uses no model: leave ${given[0]} away`);
  return false;
}

function settingOf(name: string): RunConfig["setting"] {
  const found = SETTINGS.find((known) => known === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("setting", name, SETTINGS));
}

function agentConfig(given: AgentConfig | string | undefined): AgentConfig {
  if (given === undefined) return defaultAgentConfig();
  return typeof given === "string" ? loadAgentConfig(given) : given;
}
