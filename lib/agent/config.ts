// Owns an agent's configuration: everything about it that an experiment may vary, read from a file over the defaults.
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { z } from "zod";
import { errorMessage, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { near, unknownName } from "../core/nearest.ts";
import type { ModelOptions } from "../model/model.ts";
import { canonicalJson } from "../model/request.ts";
import { checkTemplate, type Templates, templateText } from "./templates.ts";

/** Mustache templates, whole texts. */
const prompts = z.strictObject({
  system: z.string(),
  task: z.string(),
  no_call: z.string(),
  observation: z.string(),
  summary: z.string(),
  resume: z.string(),
}) satisfies z.ZodType<Templates>;

/** Bytes of a command's output that the model is shown, at its head and at its tail. */
const shownBytes = z.number().int().min(0).max(1_048_576);
const observation = z.strictObject({ head_bytes: shownBytes, tail_bytes: shownBytes });

/** When a call's prompt passed the threshold, the turns before the last `keep_turns` answers become a summary. */
const compaction = z.strictObject({
  enabled: z.boolean(),
  threshold_tokens: z.number().int().positive(),
  keep_turns: z.number().int().positive(),
});

/** How the model is asked; absent fields are left to its provider. */
const model = z.strictObject({
  temperature: z.number().min(0).max(2).exactOptional(),
  top_p: z.number().gt(0).max(1).exactOptional(),
  seed: z.number().int().exactOptional(),
  max_output_tokens: z.number().int().positive().exactOptional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high"]).exactOptional(),
}) satisfies z.ZodType<ModelOptions>;

const SECTIONS = { prompts, observation, compaction, model };
const agentConfig = z
  .strictObject({
    ...SECTIONS,
    /** `fenced`: commands stand in fenced blocks of the answer's text, for models without tool calls. */
    tool_style: z.enum(["native", "fenced"]),
    /** The longest wait of `send_message --wait`. */
    message_wait_ms: z.number().int().min(0).max(60_000),
  })
  .readonly();
export type AgentConfig = z.infer<typeof agentConfig>;

/** The configuration of an agent when no file changes it. */
export function defaultAgentConfig(): AgentConfig {
  return {
    prompts: {
      system: templateText("system"),
      task: templateText("task"),
      no_call: templateText("no_call"),
      observation: templateText("observation"),
      summary: templateText("summary"),
      resume: templateText("resume"),
    },
    observation: { head_bytes: 8000, tail_bytes: 8000 },
    compaction: { enabled: true, threshold_tokens: 28_000, keep_turns: 2 },
    model: {},
    tool_style: "native",
    message_wait_ms: 60_000,
  };
}

/** SHA-256 over the canonical JSON of the whole configuration, the templates' texts included. */
export function agentConfigHash(config: AgentConfig): string {
  return sha256(canonicalJson(config));
}

/**
 * The defaults with the file's values over them, field by field. A prompt is a text, or `{file: PATH}` relative to the
 * configuration. Throws UsageError that names the file, the field and the nearest valid name.
 */
export function loadAgentConfig(path: string): AgentConfig {
  const place = (...parts: PropertyKey[]) => [path, parts.join(".")].filter(Boolean).join(": ");
  const given = withPromptFiles(parsedFile(path), path);
  const merged = mergedOver(defaultAgentConfig(), given);
  const parsed = agentConfig.safeParse(merged);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw inOneLine(`${place(...(issue?.path ?? []))}: ${problemOf(issue, merged)}`);
  }
  for (const name of Object.keys(prompts.shape).filter(isTemplate))
    checkedIn(place("prompts", name), () => checkTemplate(name, parsed.data.prompts[name]));
  return parsed.data;
}

const isTemplate = (name: string): name is keyof Templates => name in prompts.shape;

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  ".yaml": Bun.YAML.parse,
  ".yml": Bun.YAML.parse,
  ".toml": Bun.TOML.parse,
  ".json": JSON.parse,
};

function parsedFile(path: string): Record<string, unknown> {
  const ending = extname(path).toLowerCase();
  const parse = Object.hasOwn(PARSERS, ending) ? PARSERS[ending] : undefined;
  if (parse === undefined)
    throw new UsageError(
      `${path}: an agent's configuration file must end in ${Object.keys(PARSERS).join(", ")}`,
    );
  const text = readText(path, path);
  const value = checkedIn(path, () => parse(text));
  if (isObject(value)) return value;
  throw new UsageError(`${path}: has no fields; it may have ${topNames().join(", ")}`);
}

/** Reads prompts that are given as a file; leaves everything else as it is. */
function withPromptFiles(given: Record<string, unknown>, path: string): Record<string, unknown> {
  if (!isObject(given.prompts)) return given;
  const texts = Object.entries(given.prompts).map(([name, value]) => {
    if (!isObject(value) || typeof value.file !== "string") return [name, value];
    const place = `${path}: prompts.${name}`;
    return [name, readText(resolve(dirname(path), value.file), place).replace(/\r?\n$/, "")];
  });
  return { ...given, prompts: Object.fromEntries(texts) };
}

function readText(path: string, place: string): string {
  return checkedIn(place, () => readFileSync(path, "utf8"));
}

/** What the function returns; what it throws becomes a UsageError that names the place. */
function checkedIn<Value>(place: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const words = errorMessage(error);
    throw inOneLine(`${place}: ${words}`);
  }
}

/** Names of fields may be anything, too. */
function inOneLine(words: string): UsageError {
  return new UsageError(words.replace(/[\r\n]+/g, " "));
}

/** Objects field by field, everything else whole. */
function mergedOver(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const fields = Object.entries(over).map(([name, value]) => [name, mergedOver(base[name], value)]);
  return { ...base, ...Object.fromEntries(fields) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const LONGEST_WORD = 80;

function problemOf(issue: z.core.$ZodIssue | undefined, merged: unknown): string {
  if (issue?.code === "unrecognized_keys")
    return unknownName("field", (issue.keys[0] ?? "").slice(0, LONGEST_WORD), namesAt(issue.path));
  if (issue?.code === "invalid_value") {
    const value = issue.path.reduce(fieldOf, merged);
    // A list may be endless (YAML's aliases), and an object may refuse to become a string.
    const given = typeof value === "object" ? "an object" : String(value).slice(0, LONGEST_WORD);
    const values = issue.values.map(String);
    const best = near(given, values);
    const meant = best === undefined ? "" : `: did you mean "${best}"?`;
    return `${JSON.stringify(given)} is not one of ${values.join(", ")}${meant}`;
  }
  return issue?.message ?? "is not valid";
}

function fieldOf(value: unknown, name: PropertyKey): unknown {
  return isObject(value) ? value[String(name)] : undefined;
}

const topNames = () => Object.keys(defaultAgentConfig());

function namesAt(path: readonly PropertyKey[]): string[] {
  const section = Object.entries(SECTIONS).find(([name]) => name === path[0]);
  return section === undefined ? topNames() : Object.keys(section[1].shape);
}
