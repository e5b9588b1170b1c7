// Owns the flags that decide what attempts do, and reading them.
import type { ArgsDef } from "citty";
import type { ConfigRequest } from "../lib/steps/config.ts";
import { positiveNumber, wholeNumber } from "./_args.ts";

/** Flags that decide what an attempt does: they are frozen with the run. */
export const CONFIG_ARGS = {
  agent: {
    type: "string",
    alias: "a",
    description: "mini (default), gold, null, or a file of your own such as ./my-agent.ts",
    valueHint: "agent",
  },
  model: {
    type: "string",
    alias: "m",
    description: "model, such as anthropic/…, openai/…, gemini/…, openrouter/…, replay/demo",
    valueHint: "model",
  },
  "base-url": {
    type: "string",
    description: "address of the model's server (vLLM, Ollama, llama.cpp, …)",
    valueHint: "url",
  },
  "agent-config": {
    type: "string",
    description: "YAML, TOML or JSON file: prompts, model options, compaction",
    valueHint: "file",
  },
  setting: { type: "string", description: "coop (default) or solo", valueHint: "setting" },
  messaging: {
    type: "boolean",
    description: "agents may message each other",
    negativeDescription: "agents cannot message each other",
    default: true,
  },
  git: { type: "boolean", description: "agents share branches through a git remote" },
  cache: { type: "boolean", description: "answer identical requests of earlier runs from a cache" },
  "max-steps": {
    type: "string",
    description: "model calls an agent may make (default: 100)",
    valueHint: "n",
  },
  "max-cost": {
    type: "string",
    description: "US dollars an agent may cost (default: 3), or none",
    valueHint: "usd",
  },
  "max-wall": {
    type: "string",
    description: "seconds an agent may take (default: 7200)",
    valueHint: "s",
  },
  "command-timeout": {
    type: "string",
    description: "seconds one command may take (default: 300)",
    valueHint: "s",
  },
  replay: {
    type: "string",
    description: "repeat the attempts of this run from its recorded answers",
    valueHint: "run",
  },
} as const satisfies ArgsDef;

type ConfigFlags = {
  readonly [name in keyof typeof CONFIG_ARGS]?:
    | ((typeof CONFIG_ARGS)[name]["type"] extends "boolean" ? boolean : string)
    | undefined;
};

/** The configuration that the flags ask for; what is not said is left to the library. Throws UsageError. */
export function configRequest(flags: ConfigFlags): ConfigRequest {
  const seconds = (name: "max-wall" | "command-timeout") => {
    const value = flags[name];
    return value === undefined ? undefined : positiveNumber(`--${name}`, value) * 1000;
  };
  const cost = flags["max-cost"];
  return {
    setting: flags.setting,
    agent: flags.agent,
    model: flags.model,
    base_url: flags["base-url"],
    agent_config: flags["agent-config"],
    messaging: flags.messaging === false ? false : undefined,
    git: flags.git === true ? true : undefined,
    cache: flags.cache === true ? true : undefined,
    replay: flags.replay,
    max_steps: wholeNumber("--max-steps", flags["max-steps"], 1),
    max_cost_usd:
      cost === undefined ? undefined : cost === "none" ? null : positiveNumber("--max-cost", cost),
    max_wall_ms: seconds("max-wall"),
    command_timeout_ms: seconds("command-timeout"),
  };
}
