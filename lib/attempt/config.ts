// Owns the frozen configuration of a run: what it contains, its hash, and what may not change under one name.

import type { AgentConfig } from "../agent/config.ts";
import { type Frozen, frozenDefaults, hashedPart, withServers } from "../config/frozen.ts";
import type { Settings } from "../config/setting.ts";
import { UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { type Asked, serverOf } from "../core/host.ts";
import { checkedRunName } from "../core/keys.ts";
import { redactDeep } from "../core/redact.ts";
import { cut } from "../core/text.ts";
import { canonicalJson } from "../model/request.ts";

/**
 * Everything that decides what an attempt of the run does: what the table of settings declares, and what is derived
 * from files and runs.
 */
export type RunConfig = Frozen & {
  /** SHA-256 of the agent's module; null for agents of Tandem. */
  readonly agent_sha256: string | null;
  /** Prompts, compaction and the model's options; null for agents that ask no model. */
  readonly agent_config: AgentConfig | null;
  /** SHA-256 of the above, its templates included: runs are compared by it. */
  readonly agent_config_sha256: string | null;
  /** The run whose answers are repeated. */
  readonly replay_of: string | null;
};

/** What runs did before there was a field for it. */
export const BEFORE: Readonly<Record<string, unknown>> = {
  ...frozenDefaults(),
  ...{ agent_sha256: null, agent_config: null, agent_config_sha256: null, replay_of: null },
};

/** SHA-256 of the configuration in a fixed order of fields, without later settings at their defaults. */
export function configHash(config: RunConfig, settings?: Settings): string {
  return sha256(canonicalJson(hashedPart(config, settings)));
}

/**
 * Throws UsageError that names the first field in which a run of that name was made differently. A different port,
 * scheme or path of the server does not count, nor does a different host that is declared to be the same server.
 */
export function checkSameConfig(
  run: string,
  stored: Readonly<Record<string, unknown>>,
  wanted: RunConfig,
  same_server = false,
): void {
  const known = withServers({ ...BEFORE, ...stored });
  // What is stored contains no secrets.
  for (const [field, value] of Object.entries(withServers(redactDeep(wanted)))) {
    if (canonicalJson(known[field]) === canonicalJson(value)) continue;
    if (field === "base_url") {
      if (same_server) continue;
      throw otherServer(run, stored, wanted);
    }
    // Runs of the first version had one agent configuration only, and did not write it down.
    if (field.startsWith("agent_config") && !(field in stored)) continue;
    throw new UsageError(
      `run "${run}" was made with ${differing(field, known[field], value)}: choose another name with -n`,
    );
  }
}

/** The error that a run's model was asked at another host. `instead` says how to start over. */
export function otherServer(
  run: string,
  stored: Readonly<Record<string, unknown>>,
  wanted: RunConfig,
  { go_on, instead } = GO_ON,
): UsageError {
  const [was, now] = [{ ...BEFORE, ...stored } as RunConfig, wanted].map(serverText);
  return new UsageError(
    `run "${run}" was made with the server ${was}, not ${now}: if it is the same server, ${go_on}; otherwise ${instead}`,
  );
}

const GO_ON = { go_on: "continue with --same-server", instead: "choose another name with -n" };

function serverText(asked: Asked): string {
  return serverOf(asked) ?? "none";
}

/** Whether two configurations are the same except for the server that their model is asked at. */
export function differInServerOnly(stored: RunConfig, wanted: RunConfig): boolean {
  return configHash({ ...stored, base_url: wanted.base_url }) === configHash(wanted);
}

/** The innermost field that differs, with both values cut short. */
function differing(field: string, stored: unknown, wanted: unknown): string {
  if (isObject(stored) && isObject(wanted)) {
    const inner = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])].find(
      (name) => canonicalJson(stored[name]) !== canonicalJson(wanted[name]),
    );
    if (inner !== undefined) return differing(`${field}.${inner}`, stored[inner], wanted[inner]);
  }
  return `${field} ${short(stored)}, not ${short(wanted)}`;
}

function short(value: unknown): string {
  return cut(JSON.stringify(value ?? null), 80);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The name of a run when none is given: `<setting>-<agent>-[git-][model]-[subset]-[repo]-[task]`. Source: CooperBench's
 * rule.
 */
export function defaultRunName(
  config: Pick<RunConfig, "setting" | "agent" | "git" | "model" | "replay_of">,
  filter: { subset?: string | undefined; repo?: string | undefined; task_id?: number | undefined },
): string {
  const parts = [
    config.setting,
    config.agent.replace(/^.*\//, "").replace(/\.[a-z]+$/, ""),
    config.git ? "git" : undefined,
    config.model,
    config.replay_of === null ? undefined : `replay-of-${config.replay_of}`,
    filter.subset,
    filter.repo,
    filter.task_id,
  ];
  const name = parts.filter((part) => part !== undefined && part !== null).join("-");
  return checkedRunName(name.replaceAll(/[/:\s]+/g, "-"));
}
