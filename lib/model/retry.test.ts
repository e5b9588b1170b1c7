import { describe, expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import { failure, fastClock, never } from "./gateway.fixture.ts";
import { Outage } from "./outage.ts";
import { type FailureKind, ProviderError } from "./provider/error.ts";
import { type RetryOptions, withRetries } from "./retry.ts";

type FastClock = ReturnType<typeof fastClock>;

/** Fails with the given errors, then answers "yes"; without an end when they are made by a function. */
function asking(
  failures: readonly Error[] | (() => Error),
  signal = never,
  random = 1,
  more: Pick<RetryOptions, "max_outage_ms" | "outage"> & { clock?: FastClock } = {},
) {
  const { clock = fastClock(random) } = more;
  const tried: FailureKind[] = [];
  let n = 0;
  const attempt = async () => {
    const error = typeof failures === "function" ? failures() : failures[n];
    n++;
    if (error) throw error;
    return "yes";
  };
  const on_retry = ({ kind }: ProviderError) => void tried.push(kind);
  const done = withRetries(attempt, { provider: "somebody", signal, on_retry, ...more, clock });
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
    const { done, requests } = asking([failure(kind, { message: "the provider's message" })]);
    await expect(done).rejects.toBeInstanceOf(Fault);
    await expect(done).rejects.toMatchObject({
      code,
      message: `somebody refuses: ${kind} (418): the provider's message`,
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

  test("A1: of an hour is waited, for an outage may last two", async () => {
    const { done, clock } = asking([failure("rate limit", { retry_after_ms: 3_600_000 })]);
    expect(await done).toMatchObject({ value: "yes" });
    expect(clock.slept).toEqual([3_601_000]);
  });

  test("A1: beyond what an outage may last is a fault that says so", async () => {
    const { done, clock } = asking([failure("rate limit", { retry_after_ms: 7_200_001 })]);
    await expect(done).rejects.toMatchObject({
      code: "provider_down",
      message: expect.stringContaining("asks to wait 7200 s, and an outage may last 7200 s"),
    });
    expect(clock.slept).toEqual([]);
  });

  test("A1: beyond what is left of an outage is a fault too", async () => {
    const failures = [7_000_000, 7_000_000].map((retry_after_ms) =>
      failure("rate limit", { retry_after_ms }),
    );
    const { done, clock } = asking(failures);
    await expect(done).rejects.toMatchObject({
      code: "provider_down",
      message: expect.stringContaining("somebody is still down, and an outage may last 7200 s"),
    });
    expect(clock.slept).toEqual([7_001_000]);
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

  const OUT: [name: string, make: () => ProviderError][] = [
    ["429", () => failure("rate limit")],
    ["429 with a Retry-After of 5 s", () => failure("rate limit", { retry_after_ms: 5000 })],
    ["429 with a Retry-After of 0 s", () => failure("rate limit", { retry_after_ms: 0 })],
    ["503", () => failure("overloaded")],
    ["502", () => new ProviderError({ kind: "server", message: "words", status: 502 })],
    ["504", () => new ProviderError({ kind: "server", message: "words", status: 504 })],
    ["522", () => new ProviderError({ kind: "server", message: "words", status: 522 })],
    ["no connection", () => new ProviderError({ kind: "connection", message: "", began: false })],
  ];
  test.each(OUT)("A1: for %s when an outage has lasted two hours", async (_, make) => {
    const { done, clock, requests } = asking(make, never, 0.9);
    await expect(done).rejects.toMatchObject({
      code: "provider_down",
      message: expect.stringContaining("is still down, and an outage may last 7200 s"),
    });
    expect(requests()).toBeGreaterThan(60);
    expect(clock.now()).toBeGreaterThan(7_195_000);
    expect(clock.now()).toBeLessThanOrEqual(7_200_000);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(120_000);
  });

  test.each(OUT)("A1: for %s after another time that is told", async (_, make) => {
    const { done, clock } = asking(make, never, 0.9, { max_outage_ms: 20_000 });
    await expect(done).rejects.toMatchObject({ code: "provider_down" });
    expect(clock.now()).toBeGreaterThan(15_000);
    expect(clock.now()).toBeLessThanOrEqual(20_000);
  });

  test.each(OUT)("A1: not for %s that ends before", async (_, make) => {
    let now = () => 0;
    const asked = asking(() => (now() < 7_000_000 ? make() : (undefined as never)), never, 0.9);
    now = asked.clock.now;
    expect(await asked.done).toMatchObject({ value: "yes" });
  });

  test("A1: at once for all others when an outage has lasted that long, until somebody is answered", async () => {
    const outage = new Outage();
    const one = asking(() => failure("overloaded"), never, 1, { outage });
    await expect(one.done).rejects.toMatchObject({ code: "provider_down" });
    const { clock } = one;
    const two = asking(() => failure("overloaded"), never, 1, { outage, clock });
    await expect(two.done).rejects.toMatchObject({ code: "provider_down" });
    expect(two.requests()).toBe(1);
    expect(await asking([], never, 1, { outage, clock }).done).toMatchObject({ retries: 0 });
    const three = asking([failure("overloaded")], never, 1, { outage, clock });
    expect(await three.done).toMatchObject({ retries: 1 });
  });

  test("A1: not at once long after an outage of which nobody has asked since", async () => {
    const outage = new Outage();
    const one = asking(() => failure("overloaded"), never, 1, { outage });
    await expect(one.done).rejects.toMatchObject({ code: "provider_down" });
    await one.clock.sleep(3_600_000, never);
    const two = asking([failure("overloaded")], never, 1, { outage, clock: one.clock });
    expect(await two.done).toMatchObject({ retries: 1 });
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
