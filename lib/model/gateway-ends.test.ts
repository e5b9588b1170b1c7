import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { openBudget } from "./budget.ts";
import { ask, callerOf, fastClock, never } from "./gateway.fixture.ts";
import { openGateway } from "./gateway.ts";
import type { GatewayEvent, GatewayOptions } from "./gateway-options.ts";
import { withKeys } from "./provider/provider.fixture.ts";
import { WORDINGS } from "./provider/wordings.ts";

/** A gateway to a server that gives `answer` to every request, for one scope. */
async function gatewayTo(answer: () => Response, options: Partial<GatewayOptions> = {}) {
  using _keys = withKeys();
  let requests = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      requests++;
      return answer();
    },
  });
  const events: GatewayEvent[] = [];
  const gateway = await openGateway({
    model: "local/some",
    base_url: `http://127.0.0.1:${server.port}/v1`,
    options: {},
    call_timeout_ms: 20_000,
    clock: fastClock(),
    on_event: (event) => events.push(event),
    ...options,
  });
  return {
    gateway,
    events,
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

const json = (body: unknown, status = 200) => Response.json(body, { status });
const stream = (...chunks: unknown[]) =>
  new Response(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });
const chunk = (fields: object) => ({ id: "c", model: "x", choices: [], ...fields });
const said = chunk({
  choices: [{ index: 0, delta: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});

const WHOLE = {
  id: "c",
  object: "chat.completion",
  model: "x",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const STOPS: [title: string, answer: () => Response, code: string, words: string][] = [
  ...WORDINGS.filter(({ kind }) => kind === "quota").map(
    ({ vendor, status, body }): (typeof STOPS)[number] => [
      `A17: ${vendor} ${JSON.stringify(body).slice(0, 60)}`,
      () => json(body, status),
      "model_auth",
      "refuses: quota",
    ],
  ),
  ...WORDINGS.filter(({ kind }) => kind === "unknown model").map(
    ({ vendor, status, body }): (typeof STOPS)[number] => [
      `A22: ${vendor} ${JSON.stringify(body).slice(0, 60)}`,
      () => json(body, status),
      "model_unusable",
      "refuses: unknown model",
    ],
  ),
  ["A7: a whole answer as JSON", () => json(WHOLE), "model_unusable", "does not stream"],
  [
    "A7: a whole answer that is called a stream",
    () => new Response(JSON.stringify(WHOLE), { headers: { "content-type": "text/event-stream" } }),
    "model_unusable",
    "does not stream",
  ],
  [
    "A7: a whole answer without a type",
    () => new Response(new Blob([JSON.stringify(WHOLE)])),
    "model_unusable",
    "does not stream",
  ],
];

describe("stops the run after one request", () => {
  test.each(STOPS)("%s", async (_, answer, code, words) => {
    await using place = await gatewayTo(answer);
    const model = await place.gateway.open(callerOf());
    const call = model.complete(ask("x"), never);
    await expect(call).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    await expect(model.complete(ask("y"), never)).rejects.toMatchObject({ code });
    expect(place.requests()).toBe(1);
    expect(place.gateway.stopped).toMatchObject({ code });
  });
});

test("A17: the account's own words reach the person", async () => {
  const body = {
    error: { message: "Your account is not active, please check your billing details." },
  };
  await using place = await gatewayTo(() => json(body, 429));
  const model = await place.gateway.open(callerOf());
  await expect(model.complete(ask("x"), never)).rejects.toThrow(body.error.message);
});

describe("A8: a server that tells no tokens", () => {
  test("is asked on without limits in dollars; nothing is taken for zero", async () => {
    await using place = await gatewayTo(() => stream(said));
    const model = await place.gateway.open(callerOf());
    const answer = await model.complete(ask("x"), never);
    await model.complete(ask("y"), never);
    expect(answer).toMatchObject({ cost_usd: null, usage_known: false });
    expect(model.calls).toMatchObject([
      { cost_usd: null, usage_known: false },
      { cost_usd: null, usage_known: false },
    ]);
    expect(place.gateway.state().unknown_price_calls).toBe(2);
  });

  const LIMITS: [flag: string, options: Partial<GatewayOptions>][] = [
    ["--budget", { budget: openBudget({ budget_usd: 5, spent: { usd: 0 } }) }],
    ["--max-cost", { max_cost_usd: 5 }],
  ];
  const PRICES = { source: "test", cost: () => 0.5 };
  test.each(LIMITS)("stops a run that must keep %s", async (flag, options) => {
    await using place = await gatewayTo(() => stream(said), { prices: PRICES, ...options });
    const model = await place.gateway.open(callerOf());
    await model.complete(ask("x"), never);
    const second = model.complete(ask("y"), never);
    await expect(second).rejects.toMatchObject({
      code: "budget_reached",
      message: expect.stringContaining(`so ${flag} cannot be kept`),
    });
    expect(place.requests()).toBe(1);
  });
});

describe("A10: OpenRouter's models without a price in the table", () => {
  const unpriced = { model: "openrouter/nobody/knows-it", max_cost_usd: 3 };
  const told = (cost: number) =>
    stream(
      said,
      chunk({ usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, cost } }),
    );

  test("keep a limit by the cost that their answers tell", async () => {
    await using place = await gatewayTo(() => told(0.25), unpriced);
    const model = await place.gateway.open(callerOf());
    expect(await model.complete(ask("x"), never)).toMatchObject({ cost_usd: 0.25 });
    expect(place.gateway.state()).toMatchObject({ spent_usd: 0.25, unknown_price_calls: 0 });
  });

  test("stop the run when one does not tell it", async () => {
    await using place = await gatewayTo(() => stream(said), unpriced);
    const model = await place.gateway.open(callerOf());
    await model.complete(ask("x"), never);
    await expect(model.complete(ask("y"), never)).rejects.toMatchObject({ code: "budget_reached" });
  });

  test("others without a price are refused before anything is asked", async () => {
    const opening = gatewayTo(() => stream(said), { max_cost_usd: 3 });
    await expect(opening).rejects.toBeInstanceOf(UsageError);
  });
});
