// Owns the default prompts of earlier versions: a run continues with those that it began with.
import { sha256 } from "../core/files.ts";
import { type AgentConfig, agentConfigHash, defaultAgentConfig } from "./config.ts";
import type { TemplateName } from "./templates.ts";

/** SHA-256 of every text that a template has had, oldest first; the last is today's. */
export const TEXTS: Readonly<Record<TemplateName, readonly string[]>> = {
  system: [
    "fc9a8efebc41ec302b757ec9ded946c9de910c519120fe922824555bb943711f",
    "559167809ba71d51ae7c6b9e0b3207b6230768da5547487e4951fa340d22c1a4",
    "73e4ed8600a1e06bbced6f6226bae777174d1776bff4cb4c6d3bf5e548aeba90",
  ],
  task: [
    "dc0f2f3694b814d6d0fb20c4c956c69b62802f97dffc57d239e382c755c86e79",
    "c24212f4aa0835ba5b1e06572a6f2f66ee0c1f2e2d43930dcfa4f2ef53d72ce9",
  ],
  no_call: ["987588729ffc6d3587f926ec5ca8173921e9dc8b5e924f9e2a539757590532a2"],
  observation: ["98cca091ed54807b13433d5fb56ce5596ffb65d602acc20629368a3b5fcbf4e8"],
  summary: ["3e7066ab5f5c782b95b0670e11739539e52a5e25bba18c602bcd29cbedc68393"],
  resume: ["f3b461b866581ae920943847ec628ae63d459308689eb928ac860a4200747403"],
};

/** The configuration with the stored prompts, where both are the defaults of their time. */
export function withEarlierPrompts(wanted: AgentConfig, stored: AgentConfig): AgentConfig {
  const today = defaultAgentConfig().prompts;
  const prompts = { ...wanted.prompts };
  for (const name of Object.keys(TEXTS) as TemplateName[]) {
    const text = stored.prompts[name];
    if (prompts[name] === today[name] && TEXTS[name].includes(sha256(text))) prompts[name] = text;
  }
  return { ...wanted, prompts };
}

/** The same for a run's configuration. */
export function goingOn<
  Config extends { agent_config: AgentConfig | null; agent_config_sha256: string | null },
>(wanted: Config, stored: Readonly<Record<string, unknown>>): Config {
  const before = stored.agent_config as AgentConfig | null | undefined;
  if (wanted.agent_config === null || before === null || before === undefined) return wanted;
  const agent_config = withEarlierPrompts(wanted.agent_config, before);
  return { ...wanted, agent_config, agent_config_sha256: agentConfigHash(agent_config) };
}
