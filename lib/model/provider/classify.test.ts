import { describe, expect, test } from "bun:test";
import { kindOf } from "./classify.ts";
import { saidIn } from "./envelope.ts";
import { WORDINGS } from "./wordings.ts";

const bodyOf = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));
const named = WORDINGS.map((row) => ({ ...row, title: bodyOf(row.body).slice(0, 90) }));

describe("A3, A4, A14, A17, A22: recorded wordings", () => {
  test.each(named)("$kind: $vendor $title", ({ kind, status, body }) => {
    expect(kindOf(saidIn(bodyOf(body), status))).toBe(kind);
  });

  test("a row's own expression and code are found in its body", () => {
    for (const { says, code, body, status } of WORDINGS) {
      const { texts, codes } = saidIn(bodyOf(body), status);
      if (says !== undefined) expect(texts.join("\n")).toMatch(new RegExp(says, "is"));
      if (code !== undefined) expect([...codes]).toContain(code);
    }
  });
});

type Unrecorded = [kind: string, status: number | null, body: unknown];
const UNRECORDED: Unrecorded[] = [
  ["context length", 400, { detail: "Input of 40000 tokens is larger than the window of 32768." }],
  ["context length", 400, { error: "conversation too long for this model's context" }],
  [
    "context length",
    422,
    {
      detail: [
        {
          loc: ["body"],
          msg: "prompt has 9000 tokens, more than the 8192 the model's window takes",
        },
      ],
    },
  ],
  ["context length", 400, { message: "The number of input tokens (9001) must be less than 8192" }],
  [
    "context length",
    500,
    { error: { message: "input tokens exceed the KV cache length", type: "internal" } },
  ],
  ["context length", 400, [{ error: { message: "Sequence length 5000 exceeds limit 4096" } }]],
  ["context length", 400, "Error: the prompt exceeds the token limit of this deployment"],
  ["context length", null, { error: { code: "context_window_exceeded", message: "no" } }],
  ["context length", 400, { error: { message: "输入内容超过模型上下文长度限制" } }],
  ["context length", 400, { error: { code: "prompt_too_long" } }],
  ["rate limit", 429, { error: { message: "context window of your plan: 3 requests per second" } }],
  ["rate limit", 429, { error: "Too many tokens per minute, try again in 3 seconds" }],
  ["rate limit", 400, { error: { message: "You sent too many requests. Try again in 20 s." } }],
  ["rate limit", null, { error: { type: "rate_limit", message: "slow down" } }],
  ["rate limit", 429, "slow down"],
  ["quota", 403, { error: { message: "x", code: "insufficient_user_balance" } }],
  ["quota", 400, { detail: { error: { type: "billing_cycle_over" } } }],
  ["quota", 402, {}],
  ["auth", 401, { message: "model context window" }],
  ["auth", 403, "<html><title>Forbidden</title></html>"],
  ["unknown model", 404, { detail: "Not Found" }],
  ["unknown model", 400, { error: { message: "Model my-model is not available on this server" } }],
  ["refused", 400, { error: { code: "content_policy", message: "no" } }],
  ["refused", 400, { error: { message: "Request blocked by our content filter" } }],
  ["server", 502, "<html><body>prompt is too long for the gateway's context window</body></html>"],
  ["server", 500, { error: { message: "CUDA error" } }],
  ["overloaded", 503, ""],
  ["bad request", 400, { error: { message: "messages: text content blocks must be non-empty" } }],
  ["bad request", 400, { error: { message: "max_tokens must be less than or equal to 8192" } }],
  ["bad request", 400, { error: { message: "tools: too many tools, more than 128" } }],
  [
    "bad request",
    422,
    { detail: [{ loc: ["body", "messages"], msg: "field required", input: "prompt is too long" }] },
  ],
  ["bad request", 400, ""],
];

describe("words that nobody recorded", () => {
  test.each(UNRECORDED)("%s: %p %j", (kind, status, body) => {
    expect(kindOf(saidIn(bodyOf(body), status))).toBe(kind as never);
  });
});

describe("A6: the provider's own words are found in every form", () => {
  const deep = (body: unknown): unknown => ({
    error: { message: "Provider returned error", metadata: { raw: JSON.stringify(body) } },
  });
  const FORMS: [body: unknown, words: string][] = [
    [{ object: "error", message: "the words" }, "the words"],
    [{ error: "the words" }, "the words"],
    [{ detail: "the words" }, "the words"],
    [{ detail: [{ msg: "the words" }] }, "the words"],
    [[{ error: { message: "the words" } }], "the words"],
    [{ errors: ["the words"] }, "the words"],
    [{ error: { error: { message: "the words" } } }, "the words"],
    ["the words", "the words"],
    [JSON.stringify("the words"), "the words"],
    [deep({ error: { message: "the words" } }), "Provider returned error,the words"],
    [deep(deep({ detail: "the words" })), "Provider returned error,the words"],
    ["<html><head><title>502 Bad Gateway</title></head></html>", "a page of HTML: 502 Bad Gateway"],
    [{ error: { message: "<html><title>504</title></html>" } }, "a page of HTML: 504"],
    ["", ""],
    [{}, ""],
  ];
  test.each(FORMS)("%j", (body, words) => {
    expect(saidIn(bodyOf(body), 400).texts.join()).toBe(words);
  });

  test("a body names its status where HTTP's is none of a failure", () => {
    expect(saidIn('{"error":{"code":429}}', 200).status).toBe(429);
    expect(saidIn('{"error":{"code":"503"}}', null).status).toBe(503);
    expect(saidIn('{"error":{"code":429}}', 400).status).toBe(400);
    expect(saidIn('{"error":{"code":1302}}', null).status).toBeNull();
  });
});
