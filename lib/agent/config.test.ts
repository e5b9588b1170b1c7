import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { agentConfigHash, defaultAgentConfig, loadAgentConfig } from "./config.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const DEFAULTS = defaultAgentConfig();

function written(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

describe("a file", () => {
  const CHANGED = {
    ...DEFAULTS,
    prompts: { ...DEFAULTS.prompts, no_call: "Say {{submit}}." },
    compaction: { ...DEFAULTS.compaction, threshold_tokens: 9000 },
    model: { temperature: 0.5, reasoning_effort: "low" },
    tool_style: "fenced",
  };
  const FORMS: [name: string, text: string][] = [
    [
      "a.yaml",
      "prompts:\n  no_call: |-\n    Say {{submit}}.\ncompaction:\n  threshold_tokens: 9000\nmodel: {temperature: 0.5, reasoning_effort: low}\ntool_style: fenced\n",
    ],
    [
      "b.toml",
      'tool_style = "fenced"\n[prompts]\nno_call = "Say {{submit}}."\n[compaction]\nthreshold_tokens = 9000\n[model]\ntemperature = 0.5\nreasoning_effort = "low"\n',
    ],
    ["c.JSON", JSON.stringify({ ...CHANGED, message_wait_ms: undefined })],
  ];
  test.each(FORMS)("%s changes what it names, and nothing else", (name, text) => {
    const config = loadAgentConfig(written(name, text));
    expect(config as unknown).toEqual(CHANGED);
    expect(agentConfigHash(config)).not.toBe(agentConfigHash(DEFAULTS));
  });

  test("may name prompts by files beside it, whose texts are then the configuration", () => {
    written("mine.mustache", "You are {{agent_id}}.\n");
    const config = loadAgentConfig(written("d.yml", "prompts: {system: {file: mine.mustache}}"));
    expect(config.prompts.system).toBe("You are {{agent_id}}.");
    const inline = loadAgentConfig(
      written("e.json", '{"prompts":{"system":"You are {{agent_id}}."}}'),
    );
    expect(agentConfigHash(config)).toBe(agentConfigHash(inline));
  });

  test("that repeats the defaults in another order is the defaults", () => {
    const reversed = Object.fromEntries(Object.entries(DEFAULTS).reverse());
    const config = loadAgentConfig(written("f.json", JSON.stringify(reversed)));
    expect(config).toEqual(DEFAULTS);
    expect(agentConfigHash(config)).toBe(agentConfigHash(DEFAULTS));
  });
});

describe("a mistake is named with its file, its field and the nearest valid name", () => {
  const CASES: [name: string, text: string, words: string[]][] = [
    ["g.yaml", "tool_stile: fenced", ['unknown field "tool_stile"', '"tool_style"']],
    ["g.yaml", "compaction: {treshold_tokens: 1}", ["compaction", '"threshold_tokens"']],
    ["g.yaml", "model: {temprature: 1}", ["model", '"temperature"']],
    ["g.yaml", "tool_style: fence", ["tool_style", '"fence" is not one of', '"fenced"']],
    ["g.yaml", "model: {reasoning_effort: hihg}", ["model.reasoning_effort", '"high"']],
    ["g.yaml", "compaction: {keep_turns: 0}", ["compaction.keep_turns", ">0"]],
    ["g.yaml", "observation: {head_bytes: many}", ["observation.head_bytes", "number"]],
    ["g.yaml", "observation: {head_bytes: 1.5}", ["observation.head_bytes", "int"]],
    ["g.yaml", "compaction:", ["compaction", "object"]],
    ["g.yaml", "model: {temperature: 3}", ["model.temperature", "2"]],
    ["g.yaml", "prompts: {system: 7}", ["prompts.system", "string"]],
    ["g.yaml", "prompts: {task: 'for {{agent}}'}", ["prompts.task", '"agent_id"']],
    ["g.yaml", "prompts: {system: '{{#features}}x{{/features}}'}", ["prompts.system", "features"]],
    ["g.yaml", "prompts: {task: '{{#git}}open'}", ["prompts.task", "Unclosed section"]],
    ["g.yaml", "prompts: {task: '{{> other}}'}", ["prompts.task", "partials"]],
    ["g.yaml", "prompts: {task: {file: absent}}", ["prompts.task", "ENOENT"]],
    ["g.yaml", "prompts: [1", ["YAML"]],
    ["g.yaml", "", ["no fields"]],
    ["g.toml", "tool_style = ", ["TOML"]],
    ["g.json", "[]", ["no fields"]],
    ["g.json", '{"tool_style": {"toString": 1, "valueOf": 1}}', ['"an object" is not one of']],
    ["g.yaml", "tool_style: [fenced]", ['"an object" is not one of']],
    ["g.yaml", `tool_style: ${"x".repeat(5_000)}`, [`"${"x".repeat(80)}" is not one of`]],
    ["g.json", '{"__proto__": {}}', ['"__proto__"']],
    ["g.ini", "", [".yaml, .yml, .toml, .json"]],
  ];
  test.each(CASES)("%s %s", (name, text, words) => {
    const path = written(name, text);
    expect(() => loadAgentConfig(path)).toThrow(UsageError);
    for (const word of [path, ...words]) expect(() => loadAgentConfig(path)).toThrow(word);
  });
  test("also a file that is not there", () => {
    expect(() => loadAgentConfig(join(folder.path, "no.yaml"))).toThrow("no.yaml");
  });
  test("in one line", () => {
    const path = written("h.json", '{"model":\n{"seed":"x"},\n"x":1}');
    expect(() => loadAgentConfig(path)).toThrow(/^[^\n]+$/);
    const named = written("i.json", JSON.stringify({ prompts: { "a\nb": { file: "no\nne" } } }));
    expect(() => loadAgentConfig(named)).toThrow(/^[^\n]+$/);
  });
});
