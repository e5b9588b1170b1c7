import { describe, expect, test } from "bun:test";
import { openBudget } from "./budget.ts";
import { ask, callerOf, failure, never, type Script, scriptedGateway } from "./gateway.fixture.ts";
import { ProviderError } from "./provider/error.ts";

const broken = (kind: ProviderError["kind"]) => new ProviderError({ kind, message: "words" });
const CASES: [what: string, error: ProviderError, marks: number][] = [
  ["a timeout", broken("timeout"), 1],
  ["an answer that cannot be read", broken("bad answer"), 1],
  ["a connection that broke", broken("connection"), 1],
  [
    "one that was never made",
    new ProviderError({ kind: "connection", message: "", unsent: true }),
    0,
  ],
  ["an error in mid-stream", new ProviderError({ kind: "server", message: "", status: 200 }), 1],
  [
    "an error instead of an answer",
    new ProviderError({ kind: "server", message: "", status: 503 }),
    0,
  ],
  ["a rate limit", failure("rate limit"), 0],
];

describe("S11: a call that is asked again after", () => {
  test.each(CASES)("%s", async (_, error, marks) => {
    const script: Script = (_request, n) => {
      if (n === 1) throw error;
      return { text: "now" };
    };
    const { gateway } = await scriptedGateway(script);
    const changes: number[] = [];
    const model = await gateway.open(callerOf(), {
      on_change: () => changes.push(model.in_flight),
    });
    await model.complete(ask("x"), never);
    const found = model.calls.map(({ seq, stop_reason, cost_usd }) => [seq, stop_reason, cost_usd]);
    expect(found.slice(0, -1)).toEqual(marks === 1 ? [[-1, "cut off", null]] : []);
    expect(found.at(-1)?.slice(0, 2)).toEqual([1, "stop"]);
    // The recording holds what was answered.
    expect(model.exchanges).toHaveLength(1);
    expect(changes).toEqual([1, 0, 1, 0]);
  });

  test("an abort in mid-call has its mark, and one before it has none", async () => {
    const stop = new AbortController();
    const { gateway } = await scriptedGateway((_request, _n, signal) => {
      stop.abort(new Error("over"));
      signal.throwIfAborted();
      return { text: "" };
    });
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("x"), stop.signal)).rejects.toThrow("over");
    await expect(model.complete(ask("y"), stop.signal)).rejects.toThrow("over");
    expect(model.calls).toMatchObject([{ seq: -1, stop_reason: "cut off", usage_known: false }]);
    expect(model.in_flight).toBe(0);
  });
});

describe("S11: a budget", () => {
  test("reckons a lost call at the dearest known", () => {
    const budget = openBudget({ budget_usd: 3, spent: { usd: 1, dearest_usd: 0.5 } });
    budget.lose(3);
    expect(() => budget.admit()).not.toThrow();
    budget.lose(1);
    expect(() => budget.admit()).toThrow(/≥\$1\.00, with 4 calls .*\$0\.50/);
    budget.rebase({ usd: 1, unpriced: 0, cut_off: 0, dearest_usd: 0 });
    expect(() => budget.admit()).not.toThrow();
  });

  test("is refused where earlier calls of the run have a cost that nobody knows", () => {
    const budget = openBudget({ budget_usd: 3, spent: { unpriced: 2 } });
    expect(() => budget.admit()).toThrow(
      "the cost of 2 calls is unknown, so --budget cannot be kept",
    );
  });
});
