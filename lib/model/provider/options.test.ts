import { describe, expect, test } from "bun:test";
import { UsageError } from "../../core/fault.ts";
import type { ModelOptions } from "../model.ts";
import { chatServer } from "../wire/servers.fixture.ts";
import { bodyOf } from "./family.ts";
import { connected, never, PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider } from "./provider.ts";

const [anthropic, openai, gemini, openrouter, local] = PROVIDERS;
type Known = (typeof PROVIDERS)[number];
const named = (known: Known, model: string) => ({ ...known, model }) as Known;

describe("reach the body", () => {
  const CASES: [known: Known, options: ModelOptions, expected: Record<string, unknown>][] = [
    [
      anthropic,
      { temperature: 0.5, max_output_tokens: 1000 },
      { temperature: 0.5, max_tokens: 1000 },
    ],
    [anthropic, { top_p: 0.9 }, { top_p: 0.9 }],
    [
      anthropic,
      { reasoning_effort: "low" },
      { "thinking.type": "enabled", "thinking.budget_tokens": 6400 },
    ],
    [anthropic, { reasoning_effort: "none" }, { "thinking.type": "disabled" }],
    [
      named(anthropic, "anthropic/claude-opus-4-6"),
      { reasoning_effort: "high" },
      { "thinking.type": "adaptive", "output_config.effort": "high" },
    ],
    [
      openai,
      { reasoning_effort: "minimal", max_output_tokens: 9 },
      { "reasoning.effort": "minimal", max_output_tokens: 9 },
    ],
    [
      named(openai, "openai/gpt-4.1"),
      { temperature: 0, top_p: 0.5 },
      { temperature: 0, top_p: 0.5 },
    ],
    [
      gemini,
      { temperature: 0.1, top_p: 0.2, seed: 42, max_output_tokens: 77 },
      {
        "generationConfig.temperature": 0.1,
        "generationConfig.topP": 0.2,
        "generationConfig.seed": 42,
        "generationConfig.maxOutputTokens": 77,
      },
    ],
    [
      gemini,
      { reasoning_effort: "high" },
      { "generationConfig.thinkingConfig.thinkingBudget": 32768 },
    ],
    [
      openrouter,
      { reasoning_effort: "medium", seed: 1 },
      { "reasoning.effort": "medium", reasoning_effort: undefined, seed: 1 },
    ],
    [
      local,
      { temperature: 0, top_p: 1, seed: 7, max_output_tokens: 5, reasoning_effort: "low" },
      { temperature: 0, top_p: 1, seed: 7, max_tokens: 5, reasoning_effort: "low" },
    ],
    [
      local,
      {},
      { temperature: undefined, top_p: undefined, seed: undefined, max_tokens: undefined },
    ],
  ];
  test.each(CASES)("$model %j", async (known, options, expected) => {
    await using place = await connected(known, { script: () => ({ text: "ok" }), options });
    await place.provider.call(QUESTION, never);
    const body = bodyOf(JSON.stringify(place.server.asked[0]?.body));
    const found = Object.keys(expected).map((path) => [path, body.at(path)] as const);
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});

describe("that a model would not get are refused", () => {
  const CASES: [model: string, options: ModelOptions, words: string][] = [
    ["anthropic/claude-sonnet-4-5", { seed: 1 }, "seed"],
    ["anthropic/claude-sonnet-4-5", { temperature: 2 }, "temperature"],
    ["anthropic/claude-sonnet-4-5", { temperature: 0, top_p: 0.5 }, "top_p"],
    ["anthropic/claude-sonnet-4-5", { temperature: 0, reasoning_effort: "low" }, "temperature"],
    ["anthropic/claude-sonnet-4-5", { max_output_tokens: 1_000_000 }, "max_output_tokens"],
    ["anthropic/claude-opus-4-7", { temperature: 0 }, "temperature"],
    ["anthropic/claude-opus-4-6", { reasoning_effort: "minimal" }, "reasoning_effort"],
    ["openai/gpt-5", { temperature: 0 }, "temperature"],
    ["openai/gpt-5", { seed: 1 }, "seed"],
    ["openai/gpt-4.1", { reasoning_effort: "low" }, "reasoning_effort"],
    ["gemini/gemini-2.5-pro", { reasoning_effort: "none" }, "reasoning_effort"],
  ];
  test.each(CASES)("%s %j", async (model, options, words) => {
    using _keys = withKeys();
    const opening = openProvider({ model, options, timeout_ms: 1000 });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.toThrow(model);
  });
});

test("a missing key is told before anything runs; a server of one's own needs none", async () => {
  using _keys = withKeys("");
  const spec = { options: {}, timeout_ms: 5000 };
  const opening = openProvider({ ...spec, model: "anthropic/claude-sonnet-4-5" });
  await expect(opening).rejects.toThrow("set ANTHROPIC_API_KEY");

  const seen: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      seen.push(request.headers.get("authorization"));
      return new Response("{}", { status: 400 });
    },
  });
  const base_url = `http://127.0.0.1:${server.port}/v1`;
  const provider = await openProvider({ ...spec, model: "local/qwen", base_url });
  await expect(provider.call(QUESTION, never)).rejects.toMatchObject({ kind: "bad request" });
  await server.stop(true);
  expect(seen).toEqual([null]);
});

test("a name that is none is a usage error, a recording a defect of the caller", async () => {
  const spec = { options: {}, timeout_ms: 1000 };
  await expect(openProvider({ ...spec, model: "opnai/x" })).rejects.toThrow(UsageError);
  await expect(openProvider({ ...spec, model: "local/x" })).rejects.toThrow("--base-url");
  await expect(openProvider({ ...spec, model: "replay/demo" })).rejects.toThrow(TypeError);
});

test("the wire's own server is a stranger to other paths", async () => {
  await using server = chatServer(() => ({}));
  expect((await fetch(`${server.base_url}/models`)).status).toBe(404);
});
