// Owns the cases of asking again: each kind of failure, how long it is waited, and when patience ends.
import { describe, expect, test } from "bun:test";
import { Fault } from "../fault.ts";
import { failure, fastClock, never } from "./gateway.fixture.ts";
import { type FailureKind, ProviderError } from "./provider/error.ts";
import { withRetries } from "./retry.ts";

/** Fails with the given errors, then answers "yes"; without an end when they are made by a function. */
function asking(failures: readonly Error[] | (() => Error), signal = never, random = 1) {
  const clock = fastClock(random);
  const tried: FailureKind[] = [];
  let n = 0;
  const attempt = async () => {
    const error = typeof failures === "function" ? failures() : failures[n];
    n++;
    if (error) throw error;
    return "yes";
  };
  const on_retry = ({ kind }: ProviderError) => void tried.push(kind);
  const done = withRetries(attempt, { provider: "somebody", clock, signal, on_retry });
  return { done, clock, tried, requests: () => n };
}

describe("what passes is asked again", () => {
  const kinds = [
    "rate limit",
    "overloaded",
    "server",
    "connection",
    "timeout",
    "bad answer",
  ] as const;
  test.each(kinds)("%s", async (kind) => {
    const { done, clock, tried } = asking([failure(kind), failure(kind)]);
    const first_ms = kind === "rate limit" || kind === "overloaded" ? 2000 : 1000;
    expect(await done).toEqual({ value: "yes", retries: 2, slept_ms: first_ms * 3 });
    expect(clock.slept).toEqual([first_ms, first_ms * 2]);
    expect(tried).toEqual([kind, kind]);
  });
});

describe("what does not pass is a fault at once", () => {
  const CASES: [kind: FailureKind, code: Fault["code"], hint: string][] = [
    ["auth", "model_auth", "key"],
    ["quota", "model_auth", "top it up"],
    ["bad request", "model_request", "--base-url"],
    ["context length", "context_too_long", "compaction"],
  ];
  test.each(CASES)("%s", async (kind, code, hint) => {
    const { done, requests } = asking([failure(kind, { message: "the provider's words" })]);
    await expect(done).rejects.toBeInstanceOf(Fault);
    await expect(done).rejects.toMatchObject({
      code,
      message: `somebody refuses: ${kind} (418): the provider's words`,
      hint: expect.stringContaining(hint),
    });
    expect(requests()).toBe(1);
  });
});

describe("Retry-After", () => {
  const CASES: [asked_ms: number, random: number, waited_ms: number][] = [
    [30_000, 0, 30_000],
    [30_000, 0.5, 30_500],
    [0, 0, 0],
    [600_000, 0, 600_000],
  ];
  test.each(CASES)("%d ms with chance %d: %d ms", async (retry_after_ms, random, waited_ms) => {
    for (const kind of ["rate limit", "server"] as const) {
      const failures = [failure(kind, { retry_after_ms })];
      const { done, clock } = asking(failures, never, random);
      expect(await done).toMatchObject({ value: "yes", slept_ms: waited_ms });
      expect(clock.slept).toEqual([waited_ms]);
    }
  });

  test("beyond ten minutes is a fault that says so", async () => {
    const { done, clock } = asking([failure("rate limit", { retry_after_ms: 3_600_000 })]);
    await expect(done).rejects.toMatchObject({
      code: "provider_down",
      message: expect.stringContaining("asks to wait 3600 s"),
    });
    expect(clock.slept).toEqual([]);
  });
});

describe("patience ends", () => {
  test("after eight errors, with ever longer waits between them", async () => {
    const { done, clock, requests } = asking(() => failure("server"));
    await expect(done).rejects.toMatchObject({
      code: "provider_down",
      message: expect.stringContaining("somebody failed 8 times: server (418): words"),
      cause: expect.any(ProviderError),
    });
    expect(requests()).toBe(8);
    expect(clock.slept).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
  });

  test("later for refusals, at an hour of waiting", async () => {
    const { done, clock, requests } = asking(() => failure("overloaded"));
    await expect(done).rejects.toMatchObject({ code: "provider_down" });
    expect(requests()).toBeGreaterThan(20);
    const slept_ms = clock.slept.reduce((sum, ms) => sum + ms, 0);
    expect(slept_ms).toBeLessThanOrEqual(3_600_000);
    expect(slept_ms).toBeGreaterThan(3_400_000);
    expect(Math.max(...clock.slept)).toBe(120_000);
  });

  test("for errors also when the provider asks for long waits each time", async () => {
    const { done, requests } = asking(() => failure("server", { retry_after_ms: 400_000 }));
    await expect(done).rejects.toMatchObject({ code: "provider_down" });
    expect(requests()).toBe(2);
  });

  test("not for errors because of refusals between them", async () => {
    const mixed = Array.from({ length: 14 }, (_, n) => failure(n % 2 ? "server" : "rate limit"));
    expect(await asking(mixed).done).toMatchObject({ value: "yes", retries: 14 });
  });
});

test("chance decides how much of a wait is waited", async () => {
  const { done, clock } = asking([failure("server"), failure("server")], never, 0.25);
  await done;
  expect(clock.slept).toEqual([250, 500]);
});

test("an error of another kind is nobody's to retry", async () => {
  const { done, requests } = asking([new TypeError("a defect")]);
  await expect(done).rejects.toThrow(TypeError);
  expect(requests()).toBe(1);
});

test("an abort ends the wait with its reason", async () => {
  const gone = new AbortController();
  const failures = () => {
    queueMicrotask(() => queueMicrotask(() => gone.abort(new Error("over"))));
    return failure("rate limit", { retry_after_ms: 500_000 });
  };
  const { done, requests } = asking(failures, gone.signal);
  await expect(done).rejects.toThrow("over");
  expect(requests()).toBe(1);
});

test("no key stands in a fault, even when the provider repeats it", async () => {
  const key = "sk-canary-0123456789";
  process.env.TANDEM_CANARY_TOKEN = key;
  try {
    const { done } = asking([failure("auth", { message: `bad key ${key}` })]);
    await expect(done).rejects.toMatchObject({ message: expect.not.stringContaining(key) });
  } finally {
    delete process.env.TANDEM_CANARY_TOKEN;
  }
});
