import { afterAll, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fuzz, unlessRefused } from "../core/fuzz.fixture.ts";
import { recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import {
  type AgentConfig,
  agentConfigHash,
  defaultAgentConfig,
  loadAgentConfig,
} from "./config.ts";
import { checkTemplate, fill } from "./templates.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const WORDS = [
  "prompts",
  "system",
  "task",
  "observation",
  "head_bytes",
  "compaction",
  "enabled",
  "threshold_tokens",
  "model",
  "temperature",
  "tool_style",
  "fenced",
  "message_wait_ms",
  "file",
  "x.txt",
  "true",
  "null",
  "1000",
  "0.5",
  "{{repo}}",
  "{{#git}}",
];
const YAML = {
  seeds: [
    "tool_style: fenced\nmodel:\n  temperature: 0.5\nprompts:\n  system: |\n    Hello {{repo}}\n  task: {file: x.txt}\n",
    "a: &a [x, x]\nb: &b [*a, *a]\ntool_style: *b\n",
    "? tool_style\n: !!str native\n---\nmessage_wait_ms: 0x10\n",
  ],
  tokens: [
    ...WORDS.map((word) => `${word}: `),
    ...WORDS,
    "\n  ",
    "\n",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!map ",
    "|\n",
    ">-\n",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "---\n",
    "...",
    "%YAML 1.2\n",
  ],
};
const TOML = {
  seeds: [
    'tool_style = "fenced"\n[model]\ntemperature = 0.5\n[prompts]\nsystem = """\nHello {{repo}}"""\ntask = { file = "x.txt" }\n',
  ],
  tokens: [
    ...WORDS.map((word) => `${word} = `),
    ...WORDS.map((word) => `[${word}]\n`),
    '"',
    '"""',
    "'''",
    "\n",
    "[[",
    "]]",
    "1979-05-27T07:32:00Z",
    "0x",
    "inf",
    "nan",
    "a.b = ",
    "{ ",
    " }",
  ],
};
const JSON_TEXT = {
  seeds: [
    '{"tool_style": "fenced", "model": {"temperature": 0.5}, "prompts": {"task": {"file": "x.txt"}, "system": "Hello {{repo}}"}}',
  ],
  tokens: [
    ...WORDS.map((word) => `"${word}": `),
    ...WORDS.map((word) => `"${word}"`),
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
  ],
};
const cases = [
  [".yaml", YAML],
  [".toml", TOML],
  [".json", JSON_TEXT],
] as const;

for (const [ending, vocabulary] of cases)
  fuzz(
    `${ending} is a configuration or refused`,
    { runs: 4_900, input: texts(vocabulary) },
    (text) => load(ending, text),
  );

fuzz(
  "fields of every shape are a configuration or refused",
  { runs: 7_000, input: recordLike(WORDS) },
  (value) => {
    load(".json", JSON.stringify(value));
  },
);

fuzz(
  "depth and floods are refused in time",
  {
    runs: 60,
    input: fc.constantFrom(
      "[",
      '{"model":',
      "- ",
      "? ",
      "a: ",
      "&a ",
      "x = [",
      "[a.",
      "{{#git}}",
      "a:\n ",
      "'",
      '"\\u0000',
    ),
  },
  (piece) => {
    for (const [ending] of cases) load(ending, piece.repeat(100_000 / piece.length));
  },
);

function load(ending: string, text: string): AgentConfig | undefined {
  const path = join(folder.path, `config${ending}`);
  writeFileSync(path, text);
  const config = unlessRefused(() => load1(path));
  if (config) {
    expect(Object.keys(config).sort()).toEqual(Object.keys(defaultAgentConfig()).sort());
    expect(agentConfigHash(JSON.parse(JSON.stringify(config)))).toBe(agentConfigHash(config));
  }
  return config;
}

function load1(path: string): AgentConfig {
  try {
    return loadAgentConfig(path);
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error();
    expect({ lines: message.split(/[\r\n]/).length, is_long: message.length > 2_000 }).toEqual({
      lines: 1,
      is_long: false,
    });
    throw error;
  }
}

const TAGS = [
  "{{",
  "}}",
  "{{repo}}",
  "{{{output}}}",
  "{{#git}}",
  "{{/git}}",
  "{{^git}}",
  "{{! x }}",
  "{{> x}}",
  "{{=<% %>=}}",
  "<%",
  "%>",
  "{{.}}",
  "{{&output}}",
  "{{# notes }}",
  "{{/ notes }}",
  "\n",
  "{{#several}}",
];
const view = { repo: "r", git: true, output: "{{repo}}", notes: ["a", "b"], several: { x: 1 } };
fuzz(
  "a template that is accepted can be filled, and says nothing that it was not told to",
  { runs: 5_600, input: texts({ tokens: TAGS }) },
  (text) => {
    try {
      checkTemplate("observation", text);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect(error instanceof TypeError || error instanceof RangeError).toBe(false);
      return;
    }
    const filled = fill(text, view);
    expect(filled.length).toBeLessThanOrEqual(text.length * 10 + 100);
    if (!text.includes("{{")) expect(filled).toBe(text);
  },
);
