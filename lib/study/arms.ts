// Owns the arms of a study: what each takes of the defaults, what an arm cannot be, and the request it stands for.
import { dirname, resolve } from "node:path";
import { agentName, agentNeeds, isModulePath } from "../agent/registry.ts";
import { UsageError } from "../fault.ts";
import { checkedRunName } from "../keys.ts";
import { checkModelName } from "../model/names.ts";
import type { ConfigRequest } from "../steps/config.ts";
import { type Problem, pathText } from "./problems.ts";
import type { ArmFields, StudyFile } from "./schema.ts";

type Field = keyof ArmFields;

/** What only agents that ask a model, only those that work in a sandbox, and only those with partners can use. */
const OF_MODELS: readonly Field[] = [
  ...(["model", "base_url", "agent_config", "cache"] as const),
  ...(["max_steps", "max_cost_usd", "prices"] as const),
];
const OF_SANDBOXES: readonly Field[] = ["git", "messaging", "max_wall_s", "command_timeout_s"];
const OF_TEAMS: readonly Field[] = ["git", "messaging"];
/** What a replay does not take from the attempts it repeats. */
const OF_REPLAYS: readonly Field[] = ["replay", "tries", "prices"];
const DEFAULT_AGENT = "mini";

/** The arm's own fields over those of the defaults that it can use: gold takes no model, solo shares no branches. */
export function withDefaults(own: ArmFields, defaults: ArmFields): ArmFields {
  const unused = unusedOf(own, defaults);
  const taken = Object.entries(defaults).filter(([field]) => !unused(field));
  return { ...Object.fromEntries(taken), ...own };
}

function unusedOf(own: ArmFields, defaults: ArmFields): (field: string) => boolean {
  const { agent = DEFAULT_AGENT, setting, model } = { ...defaults, ...own };
  if (own.replay !== undefined) return (field) => !OF_REPLAYS.some((kept) => kept === field);
  // An agent that nobody knows is told as such: what it needs is nobody's question then.
  const needs = wordsOf(() => agentName(agent)) === undefined ? agentNeeds(agent) : undefined;
  const unused = new Set<string>([
    ...(needs?.needs_model === "none" ? OF_MODELS : []),
    ...(needs?.needs_sandbox === false ? OF_SANDBOXES : []),
    ...(setting === "solo" ? OF_TEAMS : []),
    ...(model?.startsWith("replay/") ? ["base_url"] : []),
  ]);
  return (field) => unused.has(field);
}

/** What is wrong with an arm that its fields one by one do not show. */
export function armProblems(name: string, own: ArmFields, defaults: ArmFields): Problem[] {
  const at = (field: Field, message: string | undefined): Problem[] => {
    const path = field in own || !(field in defaults) ? ["arms", name, field] : ["defaults", field];
    return message === undefined
      ? []
      : [{ path, at: "value", message: `${pathText(path)}: ${message}` }];
  };
  const arm = withDefaults(own, defaults);
  if (arm.replay !== undefined) return replayProblems(own, at);
  const { agent = DEFAULT_AGENT } = arm;
  const unknown = wordsOf(() => agentName(agent));
  if (unknown !== undefined) return at("agent", unknown);
  return [...modelProblems(arm, agent, at), ...gitProblems(arm, agent, at)];
}

type At = (field: Field, message: string | undefined) => Problem[];

function replayProblems(own: ArmFields, at: At): Problem[] {
  const { replay = "" } = own;
  const taken = (Object.keys(own) as Field[]).filter((field) => !OF_REPLAYS.includes(field));
  return [
    ...at(
      "replay",
      wordsOf(() => checkedRunName(replay)),
    ),
    ...taken.flatMap((field) => at(field, "a replay takes it from its original: leave it away")),
  ];
}

function modelProblems({ model, base_url }: ArmFields, agent: string, at: At): Problem[] {
  const { needs_model } = agentNeeds(agent);
  if (needs_model === "none")
    return model === undefined ? [] : at("model", `the agent ${agent} uses none: leave it away`);
  if (model === undefined)
    return needs_model === "required"
      ? at("model", `the agent ${agent} needs a model, such as "anthropic/NAME"`)
      : [];
  const wrong = wordsOf(() => checkModelName(model, { base_url }));
  if (wrong !== undefined) return at(wrong.startsWith("base_url") ? "base_url" : "model", wrong);
  const { username, password } = new URL(base_url ?? "http://localhost");
  return username + password === ""
    ? []
    : at("base_url", "holds a user or a password: keys belong in the environment or .env");
}

function gitProblems({ git, setting }: ArmFields, agent: string, at: At): Problem[] {
  const solo = setting === "solo";
  if (!git || (!solo && agentNeeds(agent).needs_sandbox)) return [];
  const whose = solo ? "setting solo" : `the agent ${agent}`;
  return at("git", `needs agents with partners and sandboxes, not ${whose}: leave it away`);
}

/** The words of the UsageError that it throws, with the study's names for flags; undefined when it throws none. */
export function wordsOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message.replaceAll("--base-url", "base_url");
    throw error;
  }
}

/** An arm with everything said: paths absolute, its run named. Times in milliseconds, cost in US dollars (null: no limit). */
export type Arm = ReturnType<typeof resolvedArms>[number];

export function resolvedArms({ name: study, arms, defaults }: StudyFile, file: string) {
  const absolute = (path: string | undefined) =>
    path === undefined ? undefined : resolve(dirname(file), path);
  return Object.entries(arms).map(([name, own]) => {
    const arm = withDefaults(own, defaults);
    const { agent, tries = 1, max_cost_usd, max_wall_s, command_timeout_s, prices, ...rest } = arm;
    return {
      ...rest,
      name,
      run: `${study}-${name}`,
      agent: agent !== undefined && isModulePath(agent) ? absolute(agent) : agent,
      agent_config: absolute(rest.agent_config),
      tries,
      max_cost_usd: max_cost_usd === "none" ? null : max_cost_usd,
      max_wall_ms: milliseconds(max_wall_s),
      command_timeout_ms: milliseconds(command_timeout_s),
      prices_file: absolute(prices),
    };
  });
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** What `runConfig` is asked for, and nothing else: tries, prices and names are no part of a run's configuration. */
export function armRequest(arm: Arm): ConfigRequest {
  const { name, run, tries, prices_file, ...request } = arm;
  return request;
}
