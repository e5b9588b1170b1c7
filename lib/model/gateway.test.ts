import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { openBudget } from "./budget.ts";
import { ask, callerOf, failure, never, type Script, scriptedGateway } from "./gateway.fixture.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { CallRecord } from "./kept-calls.ts";
import { NO_USAGE, type Usage } from "./model.ts";

const usage = (output_tokens: number): Usage => ({ ...NO_USAGE, output_tokens });
const settle = () => Bun.sleep(0);

describe("the meter", () => {
  test("has one record a call, summaries too, and sums to what the provider counted", async () => {
    const used = [usage(1000), { ...usage(500), cache_read_tokens: 7, reasoning_tokens: 3 }];
    const script: Script = (_, n) => ({
      usage: used[n - 1] ?? NO_USAGE,
      response_model: "some-2026",
      stop_reason: n === 1 ? "stop" : "length",
    });
    const { gateway, events } = await scriptedGateway(script, {
      budget: openBudget({ budget_usd: null, spent: { usd: 2 } }),
    });
    const model = await gateway.open(callerOf());
    await model.complete(ask("one"), never);
    const answer = await model.complete(ask("two", { purpose: "summary" }), never);
    expect(answer).toMatchObject({ usage: used[1], cost_usd: 0.5, stop_reason: "length" });
    const common = { source: "provider", response_model: "some-2026", retries: 0, waited_ms: 0 };
    expect(model.calls).toMatchObject([
      { ...common, ...used[0], seq: 1, purpose: "step", cost_usd: 1, stop_reason: "stop" },
      { ...common, ...used[1], seq: 2, purpose: "summary", cost_usd: 0.5, stop_reason: "length" },
    ] as Partial<CallRecord>[]);
    expect(new Set(model.calls.map((call) => call.request_sha256)).size).toBe(2);
    expect(gateway.state()).toMatchObject({ spent_usd: 3.5, unknown_price_calls: 0, in_flight: 0 });
    const told = events.flatMap((event) => (event.kind === "call" ? [event.call] : []));
    expect(told).toEqual(model.calls.map(({ seq: _seq, ...call }) => call));
  });

  test("keeps calls side by side in the order in which they were asked, whichever ends first", async () => {
    const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const script: Script = async (_, n, signal) => {
      await gates[n - 1]?.promise;
      signal.throwIfAborted();
      return { usage: usage(n * 1000) };
    };
    const { gateway } = await scriptedGateway(script);
    const model = await gateway.open(callerOf());
    const stop = new AbortController();
    const asked = ["one", "two", "three"].map((text) =>
      model.complete(ask(text), text === "two" ? stop.signal : never),
    );
    await settle();
    expect(model.in_flight).toBe(3);
    gates[2]?.resolve();
    await asked[2];
    expect(model).toMatchObject({ in_flight: 2, calls: [{ seq: 1, cost_usd: 3 }] });
    stop.abort(new Error("over"));
    gates[1]?.resolve();
    await expect(asked[1]).rejects.toThrow();
    gates[0]?.resolve();
    await asked[0];
    expect(model.in_flight).toBe(0);
    expect(model.calls.map(({ seq, cost_usd }) => [seq, cost_usd])).toEqual([
      [1, 1],
      [-1, null],
      [2, 3],
    ]);
    const recorded = model.exchanges.map(({ request }) => request?.turns[0]?.turn.content);
    expect(recorded).toEqual(["one", "three"]);
  });

  const PRICED: [
    name: string,
    model: string,
    cost_usd: number | undefined,
    expected: number | null,
  ][] = [
    ["the table's", "anthropic/some", undefined, 1],
    ["the provider's own word", "anthropic/some", 0.25, 0.25],
    ["the provider's own word that it was free", "anthropic/some", 0, 0],
    ["unknown, not zero", "anthropic/some-unpriced", undefined, null],
  ];
  test.each(PRICED)("a price is %s", async (_, model, cost_usd, expected) => {
    const script: Script = () => ({
      usage: usage(1000),
      ...(cost_usd === undefined ? {} : { cost_usd }),
    });
    const { gateway } = await scriptedGateway(script, { model });
    const metered = await gateway.open(callerOf());
    expect((await metered.complete(ask("x"), never)).cost_usd).toBe(expected);
    expect(metered.calls[0]?.cost_usd).toBe(expected);
    const { unknown_price_calls, spent_usd } = gateway.state();
    expect([unknown_price_calls, spent_usd]).toEqual([expected === null ? 1 : 0, expected ?? 0]);
    expect(gateway).toMatchObject({ price_known: !model.endsWith("-unpriced"), prices: "test" });
  });

  test("counts retries and the wait, and no call that failed", async () => {
    const script: Script = (_, n) => {
      if (n === 1) throw failure("rate limit", { retry_after_ms: 5000 });
      if (n === 2) throw failure("server");
      if (n === 4) throw failure("bad request");
      return {};
    };
    const { gateway, events } = await scriptedGateway(script);
    const model = await gateway.open(callerOf());
    expect(await model.complete(ask("x"), never)).toMatchObject({ retries: 2, waited_ms: 7000 });
    await expect(model.complete(ask("y"), never)).rejects.toMatchObject({ code: "model_request" });
    await model.complete(ask("z"), never);
    expect(model.calls.map(({ seq, retries }) => [seq, retries])).toEqual([
      [1, 2],
      [2, 0],
    ]);
    expect(events.flatMap((event) => (event.kind === "retry" ? [event] : []))).toEqual([
      { kind: "retry", failure: "rate limit", message: "words", wait_ms: 6000 },
      { kind: "retry", failure: "server", message: "words", wait_ms: 1000 },
    ]);
    const { retries, limit, last_rate_limit } = gateway.state();
    expect([retries, limit, last_rate_limit?.retry_after_ms]).toEqual([2, 16, 5000]);
  });
});

describe("what stops a run", () => {
  const REFUSALS = ["auth", "quota"] as const;
  test.each(REFUSALS)("%s: this call, those that wait, and every later one", async (kind) => {
    const script: Script = async (_, n) => {
      await settle();
      throw n === 1 ? failure("rate limit", { retry_after_ms: 60_000 }) : failure(kind);
    };
    const { gateway, asked, events } = await scriptedGateway(script, { concurrency: 1 });
    const model = await gateway.open(callerOf());
    const all = await Promise.allSettled(["a", "b", "c"].map((x) => model.complete(ask(x), never)));
    const other = await gateway.open(callerOf({ agent_id: "agent2" }));
    const later = other.complete(ask("d"), never);
    await expect(later).rejects.toMatchObject({ code: "model_auth" });
    expect(asked).toHaveLength(2);
    for (const result of all) expect(result).toMatchObject({ reason: gateway.stopped });
    expect(gateway.stopped).toMatchObject({ code: "model_auth" });
    expect(events.filter((event) => event.kind === "stopped")).toHaveLength(1);
  });

  test("the budget: what is spent may reach it, and nothing is asked beyond", async () => {
    const script: Script = () => ({ usage: usage(400) });
    const { gateway, asked } = await scriptedGateway(script, {
      budget: openBudget({ budget_usd: 1, spent: { usd: 0.3 } }),
    });
    const model = await gateway.open(callerOf());
    await model.complete(ask("a"), never);
    expect(gateway.stopped).toBeUndefined();
    await model.complete(ask("b"), never);
    await expect(model.complete(ask("c"), never)).rejects.toMatchObject({
      code: "budget_reached",
      message: "the run has cost $1.10 of its budget of $1.00",
      hint: expect.stringContaining("--budget"),
    });
    expect(asked).toHaveLength(2);
    expect(gateway.stopped).toMatchObject({ code: "budget_reached" });
  });

  test("a budget spent before: nothing is asked at all", async () => {
    const { gateway, asked } = await scriptedGateway(() => ({}), {
      budget: openBudget({ budget_usd: 1, spent: { usd: 1 } }),
    });
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("a"), never)).rejects.toMatchObject({ code: "budget_reached" });
    expect(asked).toEqual([]);
  });

  test("a price that turns out to be unknown, under a budget", async () => {
    const prices = {
      source: "test",
      cost: (_p: string, _m: string, { output_tokens }: Usage) => (output_tokens > 9 ? null : 1),
    };
    const script: Script = () => ({ usage: usage(10) });
    const { gateway } = await scriptedGateway(script, {
      budget: openBudget({ budget_usd: 9, spent: { usd: 0 } }),
      prices,
    });
    const model = await gateway.open(callerOf());
    await model.complete(ask("a"), never);
    await expect(model.complete(ask("b"), never)).rejects.toMatchObject({
      code: "budget_reached",
      message: expect.stringContaining("unknown"),
    });
  });

  test("not a context that is too long: the agent may say less", async () => {
    const script: Script = ({ turns }) => {
      if (turns.length > 1) throw failure("context length");
      return { text: "shorter" };
    };
    const { gateway } = await scriptedGateway(script);
    const model = await gateway.open(callerOf());
    const long = ask("a", { turns: [...ask("a").turns, ...ask("b").turns] });
    await expect(model.complete(long, never)).rejects.toMatchObject({ code: "context_too_long" });
    expect((await model.complete(ask("a"), never)).text).toBe("shorter");
    expect(gateway.stopped).toBeUndefined();
  });
});

describe("a gateway that does not open", () => {
  const CASES: [name: string, options: Partial<GatewayOptions>, words: string][] = [
    [
      "a budget on an unknown price",
      { model: "anthropic/x-unpriced", budget: openBudget({ budget_usd: 1, spent: { usd: 0 } }) },
      "--budget",
    ],
    ["a limit on one", { model: "anthropic/x-unpriced", max_cost_usd: 3 }, "--max-cost none"],
    ["an unknown model", { model: "antropic/x" }, "anthropic/x"],
    [
      "a recording on a server",
      { model: "replay/demo", base_url: "http://127.0.0.1" },
      "--base-url",
    ],
    ["no call at a time", { concurrency: 0 }, "concurrency"],
  ];
  test.each(CASES)("%s", async (_, options, words) => {
    const opening = scriptedGateway(() => ({}), options);
    await expect(opening).rejects.toBeInstanceOf(UsageError);
    await expect(opening).rejects.toThrow(words);
  });
});

describe("abort", () => {
  test("in the queue and in a call frees the slot for others", async () => {
    const script: Script = (request, _n, signal) => {
      if (request.turns[0]?.content !== "hang") return { text: "done" };
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise;
    };
    const { gateway, asked } = await scriptedGateway(script, { concurrency: 1 });
    const model = await gateway.open(callerOf());
    const [hanging, queued] = [new AbortController(), new AbortController()];
    const first = model.complete(ask("hang"), hanging.signal);
    const second = model.complete(ask("never asked"), queued.signal);
    const third = model.complete(ask("third"), never);
    await settle();
    queued.abort(new Error("left the queue"));
    await expect(second).rejects.toThrow("left the queue");
    expect(gateway.state().in_flight).toBe(1);
    hanging.abort(new Error("hung up"));
    await expect(first).rejects.toThrow("hung up");
    expect((await third).text).toBe("done");
    expect(gateway.state().in_flight).toBe(0);
    expect(asked.map(({ turns }) => turns[0]?.content)).toEqual(["hang", "third"]);
  });

  test("during the wait after a failure holds no slot and asks no more", async () => {
    const script: Script = ({ turns }) => {
      if (turns[0]?.content === "fails") throw failure("server");
      return {};
    };
    const gone = new AbortController();
    const { gateway, asked } = await scriptedGateway(script, {
      concurrency: 1,
      on_event: (event) => event.kind === "retry" && gone.abort(new Error("over")),
    });
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("fails"), gone.signal)).rejects.toThrow("over");
    expect(gateway.state().in_flight).toBe(0);
    await model.complete(ask("works"), never);
    expect(asked).toHaveLength(2);
  });
});

describe("400 callers at once", () => {
  test("are all answered, never more at a time than allowed, although the provider refuses some", async () => {
    let refused = 0;
    const { gateway, load, clock } = await scriptedGateway(
      async (request, n, signal) => {
        const crowded = load.now > 12;
        await clock.sleep(100, signal);
        if (crowded) {
          refused++;
          throw failure(n % 2 ? "rate limit" : "overloaded", n % 4 ? {} : { retry_after_ms: 2000 });
        }
        if (n % 50 === 0) throw failure("server");
        return { text: `to ${request.turns[0]?.content}`, usage: usage(1) };
      },
      { concurrency: 32 },
    );
    const callers = Array.from({ length: 400 }, async (_, n) => {
      const model = await gateway.open(callerOf({ agent_id: `agent${n}` }));
      for (let step = 0; step < 3; step++) {
        const { text } = await model.complete(ask(`${n}.${step}`), never);
        expect(text).toBe(`to ${n}.${step}`);
      }
      return model.calls.reduce((sum, call) => sum + (call.cost_usd ?? 0), 0);
    });
    const costs = await Promise.all(callers);
    expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(1.2, 9);
    expect(gateway.state()).toMatchObject({ in_flight: 0, spent_usd: expect.closeTo(1.2, 9) });
    expect(load.most).toBeLessThanOrEqual(32);
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(600);
  });
});
