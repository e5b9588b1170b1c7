// Owns configurations as an earlier program froze them, and freezing the same requests with the present one.
import { parseArgs } from "citty";
import type { Ledger } from "../db/ledger.ts";
import { withoutAddress } from "../db/server-hashes.ts";
import type { AgentConfig } from "../lib/agent/config.ts";
import type { RunConfig } from "../lib/attempt/config.ts";
import { CONFIG_ARGS, configRequest } from "../lib/cli/run-config.ts";
import { runConfig } from "../lib/stages/config.ts";
import { armRequest, parseStudy } from "../lib/study/file.ts";
import { golden } from "./golden.fixture.ts";

/** One request, by flags of run-pair or as an arm of a study; `agent_config` names one of the stored agent configurations. */
export type Frozen = {
  readonly flags?: readonly string[];
  readonly arm?: string;
  readonly backend?: string;
  /** Its agent_config is left out: it is long, and the same for many. */
  readonly config: Omit<RunConfig, "agent_config">;
  readonly agent_config: string | null;
  readonly hash: string;
};
type Stored = {
  readonly agent_configs: Readonly<Record<string, AgentConfig>>;
  readonly frozen: readonly Frozen[];
};

export const stored = golden<Stored>("configurations");

/** The whole configuration that was hashed. */
export function wholeConfig({ config, agent_config }: Frozen): RunConfig {
  return { ...config, agent_config: agentConfigOf(agent_config) ?? null };
}

/** The hash it had, as a ledger that was brought up to date has it. */
export function hashToday(one: Frozen): string {
  return withoutAddress({ config: JSON.stringify(wholeConfig(one)), config_hash: one.hash });
}

/** What today's program freezes for the same request; prompts have lives of their own, so that the stored ones are taken. */
export async function frozenToday(of: Frozen, ledger: Ledger): Promise<RunConfig> {
  const { flags = [], arm, backend, agent_config } = of;
  const request =
    arm === undefined
      ? configRequest(parseArgs<typeof CONFIG_ARGS>([...flags], CONFIG_ARGS))
      : armOf(arm);
  const asks = request.replay === undefined ? agentConfigOf(agent_config) : undefined;
  return await runConfig({ ...request, agent_config: asks }, { ledger, backend });
}

function armOf(toml: string) {
  const [arm] = parseStudy(`name = "s"\n${toml}`, { path: "/study/study.toml" }).arms;
  if (arm === undefined) throw new Error("the study has no arm");
  return armRequest(arm);
}

function agentConfigOf(name: string | null): AgentConfig | undefined {
  return name === null ? undefined : stored.agent_configs[name];
}
