// Owns the cases of how servers tell tokens: every family's form, totals that correct it, and counts that are missing.
import { describe, expect, test } from "bun:test";
import { never, PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider } from "./provider.ts";
import { mergeUsage, usageIn } from "./usage.ts";

/** Uncached input, output, cache reads, cache writes, reasoning. */
type Counts = [input: number, output: number, read: number, write: number, reasoning: number];
const FORMS: [form: string, raw: object, counts: Counts][] = [
  [
    "OpenAI chat",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    [200, 50, 800, 0, 20],
  ],
  [
    "vLLM",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050, prompt_tokens_details: null },
    [1000, 50, 0, 0, 0],
  ],
  [
    "SGLang",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 960 },
      reasoning_tokens: 0,
    },
    [40, 50, 960, 0, 0],
  ],
  [
    "llama.cpp",
    {
      completion_tokens: 50,
      prompt_tokens: 1000,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 990 },
    },
    [10, 50, 990, 0, 0],
  ],
  [
    "Ollama and LM Studio",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 },
    [1000, 50, 0, 0, 0],
  ],
  [
    "LM Studio, with reasoning",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    [1000, 50, 0, 0, 30],
  ],
  [
    "Mistral",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_audio_seconds: null,
      num_cached_tokens: 0,
      prompt_tokens_details: { cached_tokens: 640 },
    },
    [360, 50, 640, 0, 0],
  ],
  [
    "DeepSeek",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_cache_hit_tokens: 900,
      prompt_cache_miss_tokens: 100,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    [100, 50, 900, 0, 30],
  ],
  [
    "Moonshot",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050, cached_tokens: 700 },
    [300, 50, 700, 0, 0],
  ],
  [
    "xAI: reasoning beside the answer",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1250,
      prompt_tokens_details: { cached_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 200 },
    },
    [900, 250, 100, 0, 200],
  ],
  [
    "xAI, without its total",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 200 },
    },
    [1000, 250, 0, 0, 200],
  ],
  [
    "OpenRouter",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      cost: 0.1,
      prompt_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
    },
    [100, 50, 600, 300, 0],
  ],
  [
    "LiteLLM over Anthropic",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 300,
      prompt_tokens_details: { cached_tokens: 600 },
    },
    [100, 50, 600, 300, 0],
  ],
  [
    "cached tokens beside the prompt's",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 1050, cache_read_input_tokens: 900 },
    [100, 50, 900, 0, 0],
  ],
  [
    "cached tokens beside, without a total",
    { prompt_tokens: 100, completion_tokens: 50, cache_read_input_tokens: 900 },
    [100, 50, 900, 0, 0],
  ],
  [
    "a total with tokens that nothing tells",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 400 },
    [100, 300, 0, 0, 0],
  ],
  [
    "a total of 0",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 0 },
    [100, 50, 0, 0, 0],
  ],
  [
    "Google",
    {
      promptTokenCount: 1000,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 30,
      cachedContentTokenCount: 400,
      totalTokenCount: 1080,
    },
    [600, 80, 400, 0, 30],
  ],
  [
    "Google, withheld before its first token",
    { promptTokenCount: 1000, totalTokenCount: 1000 },
    [1000, 0, 0, 0, 0],
  ],
  [
    "Google, cut in its thoughts",
    { promptTokenCount: 1000, thoughtsTokenCount: 500, totalTokenCount: 1500 },
    [1000, 500, 0, 0, 500],
  ],
  [
    "Google, thoughts within the answer",
    {
      promptTokenCount: 1000,
      candidatesTokenCount: 80,
      thoughtsTokenCount: 30,
      totalTokenCount: 1080,
    },
    [1000, 80, 0, 0, 30],
  ],
  [
    "OpenAI responses",
    {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 400 },
      output_tokens: 80,
      output_tokens_details: { reasoning_tokens: 64 },
      total_tokens: 1080,
    },
    [600, 80, 400, 0, 64],
  ],
  [
    "Anthropic",
    {
      input_tokens: 10,
      cache_read_input_tokens: 900,
      cache_creation_input_tokens: 90,
      output_tokens: 50,
    },
    [10, 50, 900, 90, 0],
  ],
  [
    "numbers that no server should send",
    { prompt_tokens: 10.2, completion_tokens: -4, prompt_tokens_details: { cached_tokens: null } },
    [11, 0, 0, 0, 0],
  ],
];
const UNKNOWN: unknown[] = [
  undefined,
  null,
  {},
  [],
  "1",
  0,
  { prompt_tokens: null, completion_tokens: null },
  { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  { completion_tokens: 5 },
  { prompt_tokens: 5 },
  { input_tokens: 0, output_tokens: 0 },
  { total_tokens: 10 },
  { prompt_tokens: "many", completion_tokens: 1 },
];

describe("A9: forms of usage", () => {
  test.each(FORMS)(
    "%s",
    (_, raw, [
      input_tokens,
      output_tokens,
      cache_read_tokens,
      cache_write_tokens,
      reasoning_tokens,
    ]) => {
      const expected = {
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
        reasoning_tokens,
      };
      expect(usageIn(raw)).toEqual(expected);
    },
  );

  const PLACES: [place: string, events: unknown[]][] = [
    ["the last chunk", [{ choices: [] }, { usage: { prompt_tokens: 9, completion_tokens: 3 } }]],
    [
      "every chunk, growing",
      [1, 2, 3].map((n) => ({ usage: { prompt_tokens: 9, completion_tokens: n } })),
    ],
    ["its one choice", [{ choices: [{ usage: { prompt_tokens: 9, completion_tokens: 3 } }] }]],
    ["Groq's own field", [{ x_groq: { usage: { prompt_tokens: 9, completion_tokens: 3 } } }]],
    [
      "first and last event",
      [
        { message: { usage: { input_tokens: 9, output_tokens: 1 } } },
        { usage: { input_tokens: 0, output_tokens: 3 } },
      ],
    ],
    [
      "the response at the end",
      [{ response: { usage: { input_tokens: 9, output_tokens: 3, input_tokens_details: {} } } }],
    ],
    [
      "null until the end",
      [{ usage: null }, { usage: { prompt_tokens: 9, completion_tokens: 3 } }, { usage: null }],
    ],
  ];
  test.each(PLACES)("is found in %s", (_, events) => {
    const told = events.reduce<ReturnType<typeof mergeUsage>>(mergeUsage, undefined);
    expect(usageIn(told)).toMatchObject({ input_tokens: 9, output_tokens: 3 });
  });
});

describe("A8: what is not told is unknown", () => {
  test.each(UNKNOWN.map((raw) => [raw]))("%j", (raw) => expect(usageIn(raw)).toBeNull());

  /** Streams without usage, in the families' forms. */
  const STREAMS: Record<string, unknown[]> = {
    anthropic: [
      {
        type: "message_start",
        message: {
          id: "m",
          type: "message",
          role: "assistant",
          model: "x",
          content: [],
          stop_reason: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hi" } },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 0 },
      },
      { type: "message_stop" },
    ],
    gemini: [
      {
        candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP" }],
      },
    ],
    local: [
      {
        id: "c",
        model: "x",
        choices: [{ index: 0, delta: { role: "assistant", content: "hi" }, finish_reason: null }],
      },
      {
        id: "c",
        model: "x",
        choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
        usage: null,
      },
    ],
  };
  STREAMS.openrouter = STREAMS.local ?? [];
  const known = PROVIDERS.map(({ model }) => model).filter((model) => !model.startsWith("openai/"));
  test.each(known)("%s, streamed without usage", async (model) => {
    using _keys = withKeys();
    const events = STREAMS[model.slice(0, model.indexOf("/"))] ?? [];
    const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    const headers = { "content-type": "text/event-stream" };
    await using server = raw(() => new Response(text, { headers }));
    const provider = await openProvider({
      model,
      base_url: server.base_url,
      options: {},
      timeout_ms: 9000,
    });
    const answer = await provider.call(QUESTION, never);
    expect(answer).toMatchObject({ text: "hi", stop_reason: "stop", usage: null });
  });
});

function raw(answer: () => Response) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  const base_url = `http://127.0.0.1:${server.port}/v1`;
  return { base_url, [Symbol.asyncDispose]: () => server.stop(true) };
}
