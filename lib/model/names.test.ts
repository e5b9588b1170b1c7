import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { checkModelName, modelParts } from "./names.ts";

const GOOD: [name: string, provider: string, model: string][] = [
  ["anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"],
  ["openai/gpt-5", "openai", "gpt-5"],
  ["gemini/gemini-2.5-pro", "google", "gemini-2.5-pro"],
  ["google/gemini-2.5-pro", "google", "gemini-2.5-pro"],
  ["openrouter/anthropic/claude-sonnet-4.5:beta", "openrouter", "anthropic/claude-sonnet-4.5:beta"],
  ["openai-compatible/Qwen/Qwen3-8B", "openai-compatible", "Qwen/Qwen3-8B"],
  ["local/llama3:70b", "openai-compatible", "llama3:70b"],
  ["openrouter/@preset/coder", "openrouter", "@preset/coder"],
  ["openrouter/~anthropic/claude-sonnet-latest", "openrouter", "~anthropic/claude-sonnet-latest"],
  ["replay/my-model_1.2", "replay", "my-model_1.2"],
  ...[
    "/models/Qwen2.5",
    "@cf/meta/llama",
    "./model.gguf",
    "~/models/x",
    "C:\\models\\x.gguf",
    "qwen3-8b@q4_k_m",
    "accounts/a/models/b#accounts/c/deployments/d",
    "Qwen2.5(awq)",
    "/Users/me/My Models/q 2.5.gguf",
    "模型",
  ].map((model): (typeof GOOD)[number] => [`local/${model}`, "openai-compatible", model]),
];
test.each(GOOD)("A18: %s", (name, provider, model) => {
  expect(modelParts(name) as object).toEqual({ provider, model });
});

const BAD: [name: string, words: string][] = [
  ["", 'unknown model ""'],
  ["demo", 'unknown model "demo"'],
  ["replay", "replay/NAME"],
  ["replay/", "replay/NAME"],
  ["replay/a/b", "replay/NAME"],
  ["replay/..", "replay/NAME"],
  ["replay/a b", "replay/NAME"],
  ["reply/demo", 'did you mean "replay/demo"?'],
  ["antropic/claude-x", 'did you mean "anthropic/claude-x"?'],
  ["claude-sonnet-4-5", 'did you mean "anthropic/claude-sonnet-4-5"?'],
  ["gpt-5", 'did you mean "openai/gpt-5"?'],
  ["gemini-2.5-pro", 'did you mean "gemini/gemini-2.5-pro"?'],
  ["openai/", "openai/NAME"],
  ["openai/a b", "unknown model"],
  ["local/", "local/NAME"],
  ["local/a ", "unknown model"],
  ["local/a\nb", 'unknown model "local/a\\nb"'],
  ["openai/@a", "unknown model"],
  ["local/a\u0000", "unknown model"],
  ["local/a\u200b", "unknown model"],
  ["toString/x", "unknown model"],
];
test.each(BAD)('"%s" is not a model', (name, words) => {
  expect(() => checkModelName(name)).toThrow(UsageError);
  expect(() => checkModelName(name)).toThrow(words);
});

describe("addresses", () => {
  const cases: [name: string, base_url: string | undefined, words: string | undefined][] = [
    ["openai/gpt-5", undefined, undefined],
    ["openai/gpt-5", "http://127.0.0.1:8000/v1", undefined],
    ["local/llama3", "https://example.org/v1", undefined],
    ["local/llama3", undefined, "--base-url"],
    ["local/llama3", "localhost:8000", "not an http"],
    ["local/llama3", "here", "not an http"],
    ["replay/demo", "http://127.0.0.1:1", "omit --base-url"],
  ];
  test.each(cases)("%s at %s", (name, base_url, words) => {
    const check = () => checkModelName(name, { base_url });
    if (words === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(words);
  });
});
