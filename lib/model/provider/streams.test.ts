import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { RawAnswer } from "./contract.ts";
import { never, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider, ProviderError } from "./provider.ts";

type Sent = { readonly body: string; readonly headers?: Record<string, string> };

/** What a model is answered with by a server that sends these bytes: the answer, or the kind of its failure. */
async function heard(model: string, { body, headers }: Sent): Promise<RawAnswer | string> {
  using _keys = withKeys();
  const init = { headers: { "content-type": "text/event-stream", ...headers } };
  const bytes = headers?.["content-encoding"] === "gzip" ? gzipSync(body) : body;
  const fetch = () => new Response(bytes, init);
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  try {
    const base_url = `http://127.0.0.1:${server.port}/v1`;
    const provider = await openProvider({ model, base_url, options: {}, timeout_ms: 20_000 });
    return await provider.call(QUESTION, never);
  } catch (error) {
    if (error instanceof ProviderError) return error.kind;
    throw error;
  } finally {
    await server.stop(true);
  }
}

const LOCAL = "local/m";
const ROUTER = "openrouter/x/y";
const CLAUDE = "anthropic/claude-sonnet-4-5";
const GPT = "openai/gpt-5";
const GEMINI = "gemini/gemini-2.5-pro";

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { type: string }) => `event: ${value.type}\n${data(value)}`;
const chunk = (delta: unknown, finish_reason: string | null = null, more: object = {}) =>
  data({ id: "c", choices: [{ index: 0, delta, finish_reason }], ...more });
const hi = chunk({ role: "assistant", content: "Hi" });
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const end = (finish: string, usage: object = USAGE) =>
  `${chunk({}, finish)}${data({ id: "c", choices: [], usage })}data: [DONE]\n\n`;
const whole = hi + end("stop");

const start = (usage: unknown = { input_tokens: 10, output_tokens: 1 }) =>
  named({
    type: "message_start",
    message: { id: "m", type: "message", role: "assistant", model: "c", content: [], usage },
  } as { type: string });
const block = (index: number, content_block: object, ...deltas: object[]) =>
  [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ]
    .map(named)
    .join("");
const text = (index = 0) =>
  block(index, { type: "text", text: "" }, { type: "text_delta", text: "Hi" });
const stop =
  named({
    type: "message_delta",
    delta: { stop_reason: "end_turn" },
    usage: { output_tokens: 5 },
  } as {
    type: string;
  }) + named({ type: "message_stop" });

const READ: [name: string, model: string, sent: Sent][] = [
  ["gzip", LOCAL, { body: whole, headers: { "content-encoding": "gzip" } }],
  ["CR alone", LOCAL, { body: whole.replaceAll("\n", "\r") }],
  ["CRLF", LOCAL, { body: whole.replaceAll("\n", "\r\n") }],
  ["a byte order mark", LOCAL, { body: `\ufeff${whole}` }],
  ["the type of JSON", LOCAL, { body: whole, headers: { "content-type": "application/json" } }],
  ["ids, names and times to retry", LOCAL, { body: `retry: 9\nid: 1\n${whole}` }],
  ["a ping", LOCAL, { body: data({ type: "ping" }) + whole }],
  ["data without a value", LOCAL, { body: `data:\n\ndata: null\n\n${whole}` }],
  ["no choices", LOCAL, { body: data({ id: "c", choices: null, usage: null }) + whole }],
  [
    "counts as text",
    LOCAL,
    { body: hi + end("stop", { prompt_tokens: "10", completion_tokens: "5" }) },
  ],
  [
    "an event that is new",
    CLAUDE,
    { body: start() + named({ type: "brand_new" }) + text() + stop },
  ],
  [
    "a block that is new",
    CLAUDE,
    { body: start() + block(0, { type: "hologram" }, { type: "hologram_delta" }) + text(1) + stop },
  ],
  [
    "a delta that is new",
    CLAUDE,
    {
      body:
        start() +
        block(
          0,
          { type: "text", text: "" },
          { type: "new_delta" },
          { type: "text_delta", text: "Hi" },
        ) +
        stop,
    },
  ],
];
test.each(READ)("A6: %s is read", async (_, model, sent) => {
  expect(await heard(model, sent)).toMatchObject({
    text: "Hi",
    stop_reason: "stop",
    usage: { input_tokens: 10, output_tokens: 5 },
  });
});

test.each([null, undefined])("A8: Anthropic's beginning with usage %p", async (usage) => {
  const body = start(usage ?? null) + text() + stop;
  expect(await heard(CLAUDE, { body })).toMatchObject({ text: "Hi", usage: null });
});

test("A6: arguments that are an object are those of the call", async () => {
  const call = { index: 0, id: "c1", function: { name: "bash", arguments: { command: "ls" } } };
  const body = chunk({ tool_calls: [call] }) + end("tool_calls");
  expect(await heard(LOCAL, { body })).toMatchObject({
    tool_calls: [{ name: "bash", arguments: { command: "ls" } }],
  });
});

const error = { code: 429, message: "Rate limit exceeded" };
const FAILED: [name: string, model: string, body: string, kind: string][] = [
  [
    "beside a choice",
    LOCAL,
    hi + data({ choices: [{ index: 0, delta: {}, error }] }),
    "rate limit",
  ],
  [
    "beside Groq's id",
    LOCAL,
    hi + chunk({}, null, { x_groq: { error: "over capacity" } }),
    "overloaded",
  ],
  [
    "in a line of its own kind",
    LOCAL,
    `${hi}error: {"code":500,"message":"Context size has been exceeded."}\n\n`,
    "context length",
  ],
  ["in several lines", LOCAL, JSON.stringify({ error }, null, 2), "rate limit"],
  [
    "behind the events",
    GEMINI,
    `${data({ candidates: [{ content: {} }] })}${JSON.stringify([{ error }])}`,
    "rate limit",
  ],
  ["by the line", LOCAL, '{"error":"model requires more system memory"}\n', "server"],
  [
    "that says nothing",
    GPT,
    named({ type: "response.failed", response: { error: null } } as { type: string }),
    "server",
  ],
  [
    "beside no choices",
    LOCAL,
    data({ choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
    "quota",
  ],
  [
    "as a gateway's",
    LOCAL,
    data({ fault: { faultstring: "Rate limit quota violation. Quota limit exceeded." } }),
    "rate limit",
  ],
  ["as the reason for the end (SGLang)", LOCAL, hi + end("abort"), "server"],
  ["as the reason for the end (Zhipu)", LOCAL, hi + end("network_error"), "server"],
  [
    "as the reason for the end (DeepSeek)",
    LOCAL,
    hi + end("insufficient_system_resource"),
    "server",
  ],
];
test.each(FAILED)("A6: a failure %s is told", async (_, model, body, kind) => {
  expect(await heard(model, { body })).toBe(kind);
});

describe("A7: a whole answer where a stream was asked for", () => {
  const answer = {
    choices: [{ message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  };
  const CASES: [name: string, model: string, body: string, kind: string][] = [
    ["in several lines", LOCAL, JSON.stringify(answer, null, 2), "no stream"],
    [
      "as a list of pieces",
      GEMINI,
      JSON.stringify([{ candidates: [{ content: {} }] }]),
      "no stream",
    ],
    [
      "line by line",
      LOCAL,
      `{"message":{"content":"Hi"},"done":false}\n{"done":true}\n`,
      "bad answer",
    ],
  ];
  test.each(CASES)("%s", async (_, model, body, kind) => {
    expect(await heard(model, { body })).toBe(kind);
  });
});

test.each(["max_tokens", "model_context_window_exceeded"])(
  "an answer that ends by %s is cut",
  async (end_by) => {
    expect(await heard(LOCAL, { body: hi + end(end_by) })).toMatchObject({ stop_reason: "length" });
  },
);

describe("A10: what OpenRouter tells of costs", () => {
  const CASES: [name: string, usage: object, cost: number | undefined][] = [
    ["its own price", { cost: 0.01, cost_details: { upstream_inference_cost: 0.01 } }, 0.01],
    ["as text", { cost: "0.01" }, 0.01],
    [
      "a fee beside the vendor's bill",
      { cost: 0.0005, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } },
      0.5005,
    ],
    ["a fee beside a bill that nobody knows", { cost: 0.0005, is_byok: true }, undefined],
    ["nothing", { cost: null }, undefined],
    ["less than nothing", { cost: -1 }, undefined],
  ];
  test.each(CASES)("%s", async (_, usage, cost) => {
    const answer = await heard(ROUTER, { body: hi + end("stop", { ...USAGE, ...usage }) });
    expect(typeof answer === "string" ? answer : answer.cost_usd).toBe(cost as number);
  });
});
