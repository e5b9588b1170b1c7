// Owns making a run's frozen configuration from what is asked for, or from the run that is replayed.
import type { Ledger } from "../../db/ledger.ts";
import {
  type AgentConfig,
  agentConfigHash,
  defaultAgentConfig,
  loadAgentConfig,
} from "../agent/config.ts";
import { PROGRAM_ENDING } from "../agent/installed/shipped.ts";
import { agentIdentity, agentNeeds } from "../agent/registry.ts";
import { BEFORE, type RunConfig } from "../attempt/config.ts";
import { type FrozenRequest, frozenOf } from "../config/frozen.ts";
import type { Settings } from "../config/setting.ts";
import { defaultValue, SETTINGS } from "../config/settings.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { checkModelName } from "../model/names.ts";
import { backendName } from "../sandbox/registry.ts";

/** What an attempt is to do, by the table of settings; everything has a default but the model of an agent that asks one. */
export type ConfigRequest = Omit<FrozenRequest, "setting" | "agent_config"> & {
  readonly setting?: string | undefined;
  /** A configuration, or the path of a YAML, TOML or JSON file. */
  readonly agent_config?: AgentConfig | string | undefined;
};

type Around = {
  readonly ledger: Ledger;
  readonly backend: string | undefined;
  /** A table other than Tandem's own. */
  readonly settings?: Settings | undefined;
};

/** The configuration asked for. Throws UsageError for an invalid one. */
export async function runConfig(request: ConfigRequest, around: Around): Promise<RunConfig> {
  const backend = backendName(around.backend ?? defaultValue("backend"));
  if (request.replay !== undefined)
    return { ...replayedConfig(request, around.ledger), backend, replay_of: request.replay };
  const { name: agent, sha256 } = await agentIdentity(agentOf(request));
  const asks = asksModel(agent, request);
  const setting = settingOf(request.setting ?? defaultValue("setting"));
  if (request.git && (setting === "solo" || !agentNeeds(agent).needs_sandbox))
    throw new UsageError(
      `git sharing needs agents with partners and sandboxes, not ${setting === "solo" ? "setting solo" : `the agent ${agent}`}: omit git`,
    );
  const model = asks ? request.model : undefined;
  const config = asks ? agentConfig(request.agent_config) : null;
  return {
    ...frozenOf({ ...request, setting, agent, model, backend }, around.settings),
    agent_sha256: sha256 ?? null,
    agent_config: config,
    agent_config_sha256: config && agentConfigHash(config),
    replay_of: null,
  };
}

function agentOf({ agent, agent_program }: ConfigRequest): string {
  if (agent_program === undefined) return agent ?? defaultValue("agent");
  if (agent !== undefined && agent !== agent_program)
    throw new UsageError("--agent-program is the agent: omit --agent");
  if (agent_program.endsWith(PROGRAM_ENDING)) return agent_program;
  throw new UsageError(`--agent-program ${agent_program} must be a ${PROGRAM_ENDING} file`);
}

/** A replay does what its original did; only where sandboxes run is given anew. */
function replayedConfig(request: ConfigRequest, ledger: Ledger): RunConfig {
  const { replay = "", ...others } = request;
  const original = ledger.runs.find(replay);
  if (!original) {
    const known = ledger.runs.all().map(({ run }) => run);
    throw new UsageError(unknownName("run", replay, known));
  }
  const given = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined)
    throw new UsageError(`a replay takes ${given} from its original: omit it`);
  if (original.model === null)
    throw new UsageError(`run "${replay}" asked no model: there is nothing to replay`);
  return { ...BEFORE, ...(original.config as RunConfig), cache: false };
}

/** A custom agent decides for itself: it asks the model it is given, if it is given one. Throws UsageError. */
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
    throw new UsageError(`the agent ${agent} uses no model: omit ${given[0]}`);
  return false;
}

function settingOf(name: string): RunConfig["setting"] {
  const { of: known } = SETTINGS.setting.kind;
  const found = known.find((setting) => setting === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("setting", name, known));
}

function agentConfig(given: AgentConfig | string | undefined): AgentConfig {
  if (given === undefined) return defaultAgentConfig();
  return typeof given === "string" ? loadAgentConfig(given) : given;
}
