import { describe, expect, setSystemTime, test } from "bun:test";
import type { Scripted, ScriptedRefusal } from "../wire/script.fixture.ts";
import type { FailureKind } from "./error.ts";
import { asProviderError, retryAfter } from "./failure.ts";
import { bodyText, connected, never, PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider, ProviderError } from "./provider.ts";

const DEADLINE_MS = 250;
type Case = readonly [scripted: Scripted, kind: FailureKind, status: number | null];

describe.each(PROVIDERS)("$model", (known) => {
  const CASES: Case[] = [
    [{ status: 400 }, "bad request", 400],
    [{ status: 401 }, "auth", 401],
    [{ status: 402 }, "quota", 402],
    [{ status: 403 }, "auth", 403],
    [{ status: 404 }, "unknown model", 404],
    [{ status: 429 }, "rate limit", 429],
    [{ status: 500 }, "server", 500],
    [{ status: 502, body: "<html>Bad gateway</html>" }, "server", 502],
    [{ status: 503 }, "overloaded", 503],
    [{ status: 529 }, "overloaded", 529],
    [
      { status: 200, body: "<p>Log in</p>", headers: { "content-type": "text/html" } },
      "bad answer",
      200,
    ],
    ["cut", "connection", null],
    ["ended", "connection", null],
    ["blank", "connection", null],
    ["truncated", "bad answer", null],
  ];
  test.each(CASES)("%j is %s", async (scripted, kind, status) => {
    await using place = await connected(known, { script: () => scripted });
    const call = place.provider.call(QUESTION, never);
    await expect(call).rejects.toBeInstanceOf(ProviderError);
    await expect(call).rejects.toMatchObject({ kind, status, retry_after_ms: null });
    expect(place.server.served.requests).toBe(1);
  });

  test("overload told in mid-stream is overload", async () => {
    await using place = await connected(known, { script: () => "overloaded" });
    const call = place.provider.call(QUESTION, never);
    await expect(call).rejects.toMatchObject({ kind: "overloaded" });
  });

  const SILENT: [
    scripted: Scripted,
    limits: { timeout_ms?: number; idle_ms?: number },
    words: string,
  ][] = [
    ["hang", { timeout_ms: DEADLINE_MS }, "took longer"],
    ["stall", { timeout_ms: DEADLINE_MS * 100, idle_ms: DEADLINE_MS }, "fell silent"],
  ];
  test.each(SILENT)("%s ends at its deadline", async (scripted, limits, words) => {
    await using place = await connected(known, { script: () => scripted, ...limits });
    const call = place.provider.call(QUESTION, never);
    await expect(call).rejects.toMatchObject({
      kind: "timeout",
      message: expect.stringContaining(`${known.model} ${words}`),
    });
  });

  test.each(["hang", "stall"] as const)("abort in a %s throws its reason", async (scripted) => {
    await using place = await connected(known, { script: () => scripted });
    const controller = new AbortController();
    const call = place.provider.call(QUESTION, controller.signal);
    setTimeout(() => controller.abort(new Error("stopped by hand")), 20);
    await expect(call).rejects.toThrow("stopped by hand");
  });

  test("an aborted call sends nothing", async () => {
    await using place = await connected(known, { script: () => ({ text: "no" }) });
    const signal = AbortSignal.abort(new Error("before"));
    await expect(place.provider.call(QUESTION, signal)).rejects.toThrow("before");
    expect(place.server.served.requests).toBe(0);
  });

  test("a wrong key is an error of authentication, and no message holds it", async () => {
    const key = "sk-wrong-canary-9876543210";
    await using place = await connected(known, { script: () => ({}), key });
    using _keys = withKeys(key);
    const error = await place.provider.call(QUESTION, never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "auth", status: 401 });
    expect(Bun.inspect(error)).not.toContain(key);
  });

  test("a key that a provider repeats is blotted out", async () => {
    const key = "sk-echoed-canary-123456";
    using _keys = withKeys(key);
    const body = {
      type: "error",
      error: { type: "x", message: `bad key ${key}`, code: 400, status: "X" },
    };
    await using place = await connected(known, { script: () => ({ status: 400, body }) });
    const error = await place.provider.call(QUESTION, never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining("bad key [redacted]") });
    expect(Bun.inspect(error)).not.toContain(key);
  });

  test("nobody there", async () => {
    using _keys = withKeys();
    const base_url = "http://127.0.0.1:1/v1";
    const spec = { model: known.model, base_url, options: {}, timeout_ms: 5000 };
    const provider = await openProvider(spec);
    const call = provider.call(QUESTION, never);
    await expect(call).rejects.toMatchObject({ kind: "connection", status: null });
  });
});

describe("what providers say of limits", () => {
  const error = (message: string, more: object = {}) => ({ error: { message, ...more } });
  const anthropic = (type: string, message: string) => ({
    type: "error",
    error: { type, message },
  });
  const CASES: [index: 0 | 1 | 2 | 3, refusal: ScriptedRefusal, kind: FailureKind][] = [
    [
      0,
      {
        status: 400,
        body: anthropic(
          "invalid_request_error",
          "prompt is too long: 208310 tokens > 200000 maximum",
        ),
      },
      "context length",
    ],
    [
      0,
      { status: 413, body: anthropic("request_too_large", "Request exceeds the maximum size") },
      "context length",
    ],
    [
      0,
      {
        status: 400,
        body: anthropic(
          "invalid_request_error",
          "Your credit balance is too low to access the Anthropic API.",
        ),
      },
      "quota",
    ],
    [
      0,
      { status: 400, body: anthropic("invalid_request_error", "max_tokens: must be positive") },
      "bad request",
    ],
    [
      1,
      {
        status: 429,
        body: error("You exceeded your current quota", {
          type: "insufficient_quota",
          code: "insufficient_quota",
        }),
      },
      "quota",
    ],
    [
      1,
      {
        status: 400,
        body: error("Your input exceeds the context window of this model.", {
          code: "context_length_exceeded",
        }),
      },
      "context length",
    ],
    [
      1,
      {
        status: 429,
        body: error(
          "Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 40000.",
          { code: "rate_limit_exceeded" },
        ),
      },
      "context length",
    ],
    [
      1,
      { status: 429, body: error("Rate limit reached for gpt-5", { code: "rate_limit_exceeded" }) },
      "rate limit",
    ],
    [
      2,
      {
        status: 400,
        body: error(
          "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
          { code: 400, status: "INVALID_ARGUMENT" },
        ),
      },
      "context length",
    ],
    [
      2,
      {
        status: 400,
        body: error("API key not valid. Please pass a valid API key.", {
          code: 400,
          status: "INVALID_ARGUMENT",
        }),
      },
      "auth",
    ],
    [3, { status: 402, body: error("Insufficient credits", { code: 402 }) }, "quota"],
  ];
  test.each(CASES)("%d %j is %s", async (index, refusal, kind) => {
    await using place = await connected(PROVIDERS[index], { script: () => refusal });
    const call = place.provider.call(QUESTION, never);
    await expect(call).rejects.toMatchObject({ kind, status: refusal.status });
  });
});

describe("Retry-After", () => {
  const CASES: [headers: Record<string, string>, codes: string, expected: number | null][] = [
    [{}, "", null],
    [{ "retry-after": "7" }, "", 7000],
    [{ "retry-after": "0.5" }, "", 500],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" }, "", 30_000],
    [{ "retry-after": "Wed, 21 Oct 2026 07:27:00 GMT" }, "", 0],
    [{ "retry-after": "soon" }, "", null],
    [{ "retry-after-ms": "1234", "retry-after": "7" }, "", 1234],
    [{}, '{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay": "34.5s"}', 34_500],
  ];
  test.each(CASES)("%j %s", (headers, body, expected) => {
    setSystemTime(new Date("2026-10-21T07:28:00Z"));
    expect(retryAfter({ headers, body })).toBe(expected);
    setSystemTime();
  });

  test.each(PROVIDERS)("comes from the answer of $model", async (known) => {
    const refusal = { status: 429, headers: { "retry-after": "3" } };
    await using place = await connected(known, { script: () => refusal });
    const call = place.provider.call(QUESTION, never);
    await expect(call).rejects.toMatchObject({ kind: "rate limit", retry_after_ms: 3000 });
  });
});

test("messages are one line of bounded length, and hold the provider's message", async () => {
  const message = `first\nsecond ${"x".repeat(5000)}`;
  const refusal = { status: 400, body: { error: { message } } };
  await using place = await connected(PROVIDERS[1], { script: () => refusal });
  const error = await place.provider.call(QUESTION, never).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: expect.stringMatching(/^openai\/gpt-5 answered 400: first second x{10,}$/),
  });
  expect(String(error).length).toBeLessThanOrEqual("ProviderError: ".length + 500);
});

test("what an SDK says of events that it cannot read is a bad answer, however long it is", () => {
  for (const words of ["Expected a normalized Anthropic stream error", "Unsupported delta type: x"])
    expect(asProviderError(new Error(words), "anthropic/x")).toMatchObject({ kind: "bad answer" });
  const error = Object.assign(new Error(`Text: ${" ".repeat(200_000)}x`), {
    name: "AI_JSONParseError",
  });
  expect(asProviderError(error, "openai/x")).toMatchObject({ kind: "bad answer" });
});

test("a defect of ours is not the provider's failure", () => {
  const defect = new TypeError("undefined is not a function");
  expect(asProviderError(defect, "openai/x")).toBe(defect);
});

test("a server without the Responses API is told how it should be named", async () => {
  const openai = PROVIDERS[1];
  const known = { model: openai.model, server: PROVIDERS[4].server };
  await using place = await connected({ ...openai, ...known }, { script: () => ({}) });
  const call = place.provider.call(QUESTION, never);
  await expect(call).rejects.toMatchObject({
    kind: "unknown model",
    message: expect.stringContaining("local/NAME"),
  });
  expect(bodyText(place.server)).toBeUndefined();
});
