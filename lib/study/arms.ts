// Owns the arms of a study: what each takes from the defaults, what an arm cannot be, and the request it stands for.
import { dirname, resolve } from "node:path";
import { agentName, agentNeeds, isAgentFile } from "../agent/registry.ts";
import { frozenRequest } from "../config/frozen.ts";
import { valueFrom } from "../config/kinds.ts";
import type { Need, Setting, Settings } from "../config/setting.ts";
import {
  defaultValue,
  type NamesWith,
  type Options,
  rowsOf,
  SETTINGS,
  studyKey,
} from "../config/settings.ts";
import { UsageError } from "../core/fault.ts";
import { checkedRunName } from "../core/keys.ts";
import { type Problem, pathText } from "../core/problems.ts";
import { checkModelName } from "../model/names.ts";
import type { ConfigRequest } from "../stages/config.ts";
import type { ArmFields, StudyFile } from "./schema.ts";

type Field = keyof ArmFields;

/**
 * What the table says about arms: which keys mean nothing without a model, a sandbox or partners, and which a replay
 * has itself.
 */
function rulesOf(settings: Settings) {
  const rows = rowsOf(settings, ({ section }) => section === "arm");
  const keysOf = (wanted: (setting: Setting, name: string) => boolean): readonly string[] =>
    rows.filter(([name, setting]) => wanted(setting, name)).map((row) => studyKey(...row));
  const needing = (need: Need) => keysOf(({ needs }) => needs?.includes(need) ?? false);
  return {
    rows,
    models: needing("model"),
    sandboxes: needing("sandbox"),
    teams: needing("partners"),
    replays: keysOf(({ identity }, name) => identity === undefined || name === "replay"),
  };
}
type Rules = ReturnType<typeof rulesOf>;
const RULES = rulesOf(SETTINGS);
const DEFAULT_AGENT = defaultValue("agent");

/** An own program's file stands in place of an agent's name. */
function agentOf({ agent = DEFAULT_AGENT, agent_program = agent }: ArmFields): string {
  return agent_program;
}

/** The arm's own fields over those of the defaults that it can use: gold takes no model, solo shares no branches. */
export function withDefaults(own: ArmFields, defaults: ArmFields, rules = RULES): ArmFields {
  const unused = unusedOf(own, defaults, rules);
  const taken = Object.entries(defaults).filter(([field]) => !unused(field));
  return { ...Object.fromEntries(taken), ...own };
}

function unusedOf(
  own: ArmFields,
  defaults: ArmFields,
  { models, sandboxes, teams, replays }: Rules,
): (field: string) => boolean {
  const all = { ...defaults, ...own };
  const { setting, model } = all;
  const agent = agentOf(all);
  if (own.replay !== undefined) return (field) => !replays.includes(field);
  // An unknown agent is reported as such: what it needs does not matter then.
  const needs = wordsOf(() => agentName(agent)) === undefined ? agentNeeds(agent) : undefined;
  const unused = new Set<string>([
    ...(needs?.needs_model === "none" ? models : []),
    ...(needs?.needs_sandbox === false ? sandboxes : []),
    ...(setting === "solo" ? teams : []),
    ...(model?.startsWith("replay/") ? ["base_url"] : []),
  ]);
  return (field) => unused.has(field);
}

/** What is wrong with an arm that no single field shows. */
export function armProblems(name: string, own: ArmFields, defaults: ArmFields): Problem[] {
  const at = (field: Field, message: string | undefined): Problem[] => {
    const path = field in own || !(field in defaults) ? ["arms", name, field] : ["defaults", field];
    return message === undefined
      ? []
      : [{ path, at: "value", message: `${pathText(path)}: ${message}` }];
  };
  const arm = withDefaults(own, defaults);
  if (arm.replay !== undefined) return replayProblems(own, at);
  const agent = agentOf(arm);
  const unknown = wordsOf(() => agentName(agent));
  if (unknown !== undefined) return at("agent", unknown);
  return [...modelProblems(arm, agent, at), ...gitProblems(arm, agent, at)];
}

type At = (field: Field, message: string | undefined) => Problem[];

function replayProblems(own: ArmFields, at: At): Problem[] {
  const { replay = "" } = own;
  const taken = (Object.keys(own) as Field[]).filter((field) => !RULES.replays.includes(field));
  return [
    ...at(
      "replay",
      wordsOf(() => checkedRunName(replay)),
    ),
    ...taken.flatMap((field) => at(field, "a replay takes it from its original: omit it")),
  ];
}

function modelProblems({ model, base_url }: ArmFields, agent: string, at: At): Problem[] {
  const { needs_model } = agentNeeds(agent);
  if (needs_model === "none")
    return model === undefined ? [] : at("model", `the agent ${agent} uses none: omit it`);
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
  return at("git", `needs agents with partners and sandboxes, not ${whose}: omit it`);
}

/** The message of the UsageError that it throws, with the study's names for flags; undefined if it throws none. */
export function wordsOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message.replaceAll("--base-url", "base_url");
    throw error;
  }
}

type ArmValues = Options<NamesWith<{ readonly section: "arm" }>>;
/** An arm with everything filled in: paths absolute, its run named, values as the library has them (null: no limit). */
export type Arm = ArmValues & {
  readonly name: string;
  readonly run: string;
  readonly tries: number;
};

export function resolvedArms(
  { name: study, arms, defaults }: StudyFile,
  file: string,
  settings: Settings = SETTINGS,
): Arm[] {
  const rules = settings === SETTINGS ? RULES : rulesOf(settings);
  const folder = dirname(file);
  return Object.entries(arms).map(([name, own]) => {
    const values = armValues(withDefaults(own, defaults, rules), folder, rules);
    const { tries = defaultValue("tries") } = values;
    return { ...values, tries, name, run: `${study}-${name}` };
  });
}

/** What an arm sets, by the table: the library's names and values, files relative to the study's folder. */
function armValues(arm: ArmFields, folder: string, { rows }: Rules): ArmValues {
  const fields: Readonly<Record<string, unknown>> = arm;
  return Object.fromEntries(
    rows.map(([name, setting]) => {
      const { kind } = setting;
      const value = valueFrom(kind, fields[studyKey(name, setting)]);
      const isFile = kind.is === "file" || (kind.is === "agent" && isAgentFile(String(value)));
      return [name, isFile && typeof value === "string" ? resolve(folder, value) : value];
    }),
  );
}

/** What `runConfig` is asked for, and nothing else: tries, prices and names are not part of a run's configuration. */
export function armRequest(arm: Arm, settings: Settings = SETTINGS): ConfigRequest {
  return frozenRequest(arm, settings);
}
