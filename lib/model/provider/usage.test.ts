import { describe, expect, test } from "bun:test";
import { never, PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider } from "./provider.ts";
import { FORMS } from "./usage.fixture.ts";
import { mergeUsage, usageIn } from "./usage.ts";

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
