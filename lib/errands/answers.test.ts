import { expect, test } from "bun:test";
import { openBudget } from "../model/budget.ts";
import { fastClock, PRICES } from "../model/gateway.fixture.ts";
import { openGateway } from "../model/gateway.ts";
import { openAnswers } from "./answers.ts";
import type { Json } from "./errand.ts";

const NEVER = new AbortController().signal;
const caller = { attempt_key: "k", task_dir: "", setting: "coop", features: [1], agent_id: "" };
const FAR = { doing: "working", cost_usd: 0, tokens: 0, agents: [], in_flight: 1 };

/** Answers over a budget, and how a turn ends. */
async function scene(budget_usd: number | null, concurrency = 4) {
  const budget = openBudget({ budget_usd, spent: {} });
  const clock = fastClock();
  const gateway = await openGateway({
    ...{ model: "anthropic/some", options: {}, prices: PRICES, budget, concurrency, clock },
    ...{ call_timeout_ms: 1_000, called_elsewhere: true },
  });
  const answers = openAnswers({ gateway, caller, signal: NEVER, on_cost: () => undefined });
  const turn = async () => (await answers.answer("turn", {})) as { turn: number };
  const over = (of: { turn: number }, end: Record<string, Json>) =>
    answers.answer("told", [{ kind: "turn over", lost: false, ...of, ...end }]);
  return { budget, gateway, answers, turn, over };
}

test("18: a gateway whose calls are made elsewhere needs no key, says its state, and makes no call", async () => {
  const { gateway, turn, answers } = await scene(null, 2);
  using _open = answers;
  expect(gateway).toMatchObject({ price_known: true, prices: "test", stopped: undefined });
  await turn();
  expect(gateway.state()).toMatchObject({ provider: "anthropic", in_flight: 1, limit: 2 });
  await expect(gateway.open(caller)).rejects.toThrow(RangeError);
});

test("18: turns end with their cost; what is told twice counts once", async () => {
  const { budget, answers, turn, over } = await scene(null);
  using _open = answers;
  const [one, two] = [await turn(), await turn()];
  for (let times = 0; times < 2; times++) await over(one, { cost_usd: 0.25 });
  await over(two, { lost: true });
  await over({ turn: 99 }, { cost_usd: 7 });
  expect(budget.spent_usd).toBe(0.25);
  const cost = { cost_usd: 0.25, cut_off: 1, unpriced: 0, in_flight: 0, dearest_usd: 0.25 };
  expect(answers.known(FAR)).toMatchObject(cost);
  // What the performer itself says may be more, but never less.
  expect(answers.known({ ...FAR, cost_usd: 0.5 }).cost_usd).toBe(0.5);
});

test("18: turns of a performer that is gone may have cost something, and go to others", async () => {
  const { budget, answers, turn } = await scene(10, 1);
  await turn();
  const next = turn();
  answers.anew();
  await next;
  expect(answers.known(FAR)).toMatchObject({ cut_off: 0, in_flight: 1 });
  answers[Symbol.dispose]();
  expect(answers.known(FAR)).toMatchObject({ cut_off: 1, in_flight: 0 });
  expect(budget.admit).not.toThrow();
  budget.add(6);
  // Two lost calls count as much as the dearest that is known.
  expect(budget.admit).toThrow("budget");
});

test("18: when the money is gone, whoever asks is told, and no unit is begun", async () => {
  const { gateway, answers, turn, over } = await scene(1);
  using _open = answers;
  await over(await turn(), { cost_usd: 1 });
  await expect(turn()).rejects.toMatchObject({ code: "budget_reached" });
  expect(gateway.stopped).toMatchObject({ code: "budget_reached" });
});

test("18: what stops one performer stops all; refusals slow all down", async () => {
  const { gateway, answers, turn, over } = await scene(null);
  using _open = answers;
  await over(await turn(), { hold_ms: 100 });
  expect(gateway.state().limit).toBe(2);
  await answers.answer("told", [{ kind: "retried", refusal: { retry_after_ms: 5 } }]);
  expect(gateway.state()).toMatchObject({ retries: 1, last_rate_limit: { retry_after_ms: 5 } });
  const fault = { code: "model_auth", message: "no", hint: "set a key", cause: null };
  await answers.answer("told", [{ kind: "stop", fault }]);
  expect(gateway.stopped).toMatchObject({ code: "model_auth", hint: "set a key" });
  await expect(turn()).rejects.toMatchObject({ code: "model_auth" });
});

test("18: what is not a question is refused", async () => {
  const { answers } = await scene(null);
  using _open = answers;
  for (const topic of ["constructor", "sing"])
    await expect(answers.answer(topic, {})).rejects.toMatchObject({ code: "internal" });
});
