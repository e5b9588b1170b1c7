import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { withKeys } from "../model/provider/provider.fixture.ts";
import type { Script } from "../model/wire/script.fixture.ts";
import {
  anthropicServer,
  chatServer,
  googleServer,
  openaiServer,
} from "../model/wire/servers.fixture.ts";
import { estimates } from "./estimate.ts";
import { addTalk, GOOD, judging, keyOf } from "./judge.fixture.ts";
import { type JudgedUnit, type JudgeOptions, judge, planJudging } from "./judge.ts";
import { MEASURES } from "./taxonomy.ts";

setDefaultTimeout(60_000);

const CLAUDE = "anthropic/claude-sonnet-4-5";
const ALL = { measures: MEASURES, model: CLAUDE, select: { run: "one" } };
const ACTS = { ...ALL, measures: ["speech act"] as const };

/** Judges once; the units that were told of, and what came of it all. */
async function judged(ledger: Ledger, options: Partial<JudgeOptions>) {
  using _keys = withKeys();
  const units: JudgedUnit[] = [];
  const end = await judge({ ledger, ...ALL, ...options, on_unit: (unit) => units.push(unit) });
  return { units, ...end };
}
const faultsOf = (units: readonly JudgedUnit[]) => units.map(({ fault }) => fault?.code);

test("a failed pair gets labels of all three measures, with quotes, prompt, answer and cost; once", async () => {
  await using server = anthropicServer(judging());
  using ledger = memoryLedger();
  addTalk(ledger, keyOf("1_2"), { passed: false });
  const { base_url } = server;
  const first = await judged(ledger, { base_url });
  expect(first).toMatchObject({ left: 0, stopped: undefined });
  const told = first.units.map(({ key, measure, ...unit }) =>
    "labels" in unit ? [key, measure, unit.labels.map(({ label }) => label), unit.fresh] : unit,
  );
  expect(told.sort()).toEqual([
    [keyOf("1_2"), "communication error", ["unresponsive: ignored"], true],
    [keyOf("1_2"), "failure symptom", ["unresponsiveness"], true],
    [keyOf("1_2"), "speech act", ["question", "update", "acknowledgement"], true],
  ]);
  const rows = ledger.query(
    "SELECT measure, quotes, model, answer, length(prompt_sha256) AS hash, prompt FROM labels WHERE subject = '-' ORDER BY 1",
  );
  expect(rows).toMatchObject([
    {
      quotes: JSON.stringify([
        "Which of us edits parse.ts? I would\n  rather not",
        "all of them pass",
      ]),
      answer: JSON.stringify(GOOD["communication error"]),
      model: CLAUDE,
      hash: 64,
      prompt: expect.stringContaining("(conversation of 3 messages, SHA-256 "),
    },
    { measure: "failure symptom", quotes: JSON.stringify(["Which of us edits parse.ts?"]) },
  ]);
  // $3 and $15 a million tokens.
  const { input_tokens, output_tokens } = server.served.usage;
  const cost = (3 * input_tokens + 15 * output_tokens) / 1_000_000;
  expect(ledger.labels.spent(["one"]).usd).toBeCloseTo(cost, 12);
  const again = await judged(ledger, { base_url });
  expect(again.units.map((unit) => "fresh" in unit && unit.fresh)).toEqual([false, false, false]);
  expect([server.served.requests, server.refused]).toEqual([3, []]);
});

test("what changed is asked anew: the conversation, the model, or all with force", async () => {
  await using server = anthropicServer(judging());
  using ledger = memoryLedger();
  const { base_url } = server;
  addTalk(ledger, keyOf("1_2"));
  await judged(ledger, { ...ACTS, base_url });
  await judged(ledger, { ...ACTS, base_url, model: "anthropic/claude-haiku-4-5" });
  expect(server.served.requests).toBe(2);
  await judged(ledger, { ...ACTS, base_url, force: true });
  expect(server.served.requests).toBe(3);
  expect(ledger.labels.findings().length).toBe(6);
  addTalk(ledger, keyOf("1_2"), { talk: ["Which file is yours?", "All done.", "fine"] });
  expect(planJudging({ ledger, ...ACTS }).units).toMatchObject([{ done: false, messages: 3 }]);
});

test("symptoms are asked of failed coop attempts alone; who did not talk is passed over and counted", () => {
  using ledger = memoryLedger();
  addTalk(ledger, keyOf("1_2"), { passed: false });
  addTalk(ledger, keyOf("1_3"), { passed: true });
  addTalk(ledger, keyOf("1_4"));
  addTalk(ledger, keyOf("1_5"), { passed: false, talk: [] });
  addTalk(ledger, keyOf("1_6", "solo"), { run: { run: "solo", setting: "solo" }, passed: false });
  const { units, passed_over } = planJudging({ ledger, ...ALL, select: { runs: ["one", "solo"] } });
  const asked = Map.groupBy(units, ({ measure }) => measure);
  expect(MEASURES.map((measure) => asked.get(measure)?.length)).toEqual([4, 1, 4]);
  expect(asked.get("failure symptom")?.[0]?.attempt_key).toBe(keyOf("1_2"));
  expect(passed_over).toEqual({ without_messages: 1, passed: 1, without_verdict: 1 });
  const limited = planJudging({ ledger, ...ACTS, select: { run: "one", limit: 2 } });
  expect(limited.units.length).toBe(2);
});

const PROVIDERS: [model: string, server: typeof anthropicServer][] = [
  ["openai/gpt-5", openaiServer],
  ["gemini/gemini-2.5-pro", googleServer],
  ["local/some", chatServer],
];
test.each(PROVIDERS)(
  "%s: an answer that cannot be read is asked for once more, and told why",
  async (model, start) => {
    const script = judging((scene) => (scene.answers === 0 ? { text: "Sure! {}" } : undefined));
    await using server = start(script);
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    const { units } = await judged(ledger, { ...ACTS, model, base_url: server.base_url });
    expect(faultsOf(units)).toEqual([undefined]);
    const turns = server.asked[1]?.turns.filter(({ role }) => role !== "system") ?? [];
    expect(turns.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(turns.at(-1)?.content).toContain("it is not one JSON object alone");
    const cost = ledger.query("SELECT sum(cost_usd) AS usd FROM labels")[0]?.usd;
    if (model.startsWith("local/")) expect(cost).toBeNull();
    else expect(Number(cost)).toBeGreaterThan(0);
    expect([server.served.requests, server.refused]).toEqual([2, []]);
  },
);

test("two answers that cannot be read are a fault; both are paid for, and the label that comes later says so", async () => {
  let broken = true;
  await using server = anthropicServer(judging(() => (broken ? { text: "{}" } : undefined)));
  using ledger = memoryLedger();
  addTalk(ledger, keyOf("1_2"));
  const { base_url } = server;
  const bad = await judged(ledger, { ...ACTS, base_url });
  expect(bad.units).toMatchObject([{ measure: "speech act", fault: { code: "model_failed" } }]);
  expect(bad.units[0]?.fault?.message).toMatch(/^speech act: two answers cannot be read: labels: /);
  const lost = ledger.labels.spent(["one"]).usd;
  expect(lost).toBeGreaterThan(0);
  expect(ledger.labels.findings()).toEqual([]);
  broken = false;
  await judged(ledger, { ...ACTS, base_url });
  const { input_tokens, output_tokens } = server.served.usage;
  const cost = (3 * input_tokens + 15 * output_tokens) / 1_000_000;
  expect(ledger.labels.spent(["one"]).usd).toBeCloseTo(cost, 12);
  expect(ledger.labels.findings().length).toBe(3);
});

describe("an answer cut off at its limit of tokens", () => {
  test("is told as such", async () => {
    await using server = anthropicServer(
      judging(() => ({ text: '{"labels": [', stop_reason: "length" })),
    );
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    const { units } = await judged(ledger, { ...ACTS, base_url: server.base_url });
    expect(units[0]?.fault?.message).toContain("it was cut off at the limit of tokens");
  });
});

describe("what stops it all", () => {
  const many = (ledger: Ledger) => {
    for (const pair of ["1_2", "1_3", "1_4", "1_5"]) addTalk(ledger, keyOf(pair));
  };
  test("a key that is refused: one fault, and the others are left", async () => {
    await using server = anthropicServer(judging(() => ({ status: 401 })));
    using ledger = memoryLedger();
    many(ledger);
    const end = await judged(ledger, { ...ACTS, base_url: server.base_url, concurrency: 1 });
    expect(faultsOf(end.units)).toEqual(["model_auth"]);
    expect(end).toMatchObject({ left: 3, stopped: { code: "model_auth" } });
    expect(ledger.labels.spent(["one"]).usd).toBe(0);
  });
  test("a budget, earlier labels included", async () => {
    await using server = anthropicServer(judging());
    using ledger = memoryLedger();
    many(ledger);
    const limits = { ...ACTS, base_url: server.base_url, concurrency: 1 };
    const first = await judged(ledger, { ...limits, budget_usd: 0.000001 });
    expect([first.units.length, first.left]).toEqual([1, 3]);
    const second = await judged(ledger, { ...limits, budget_usd: 0.000001 });
    expect([second.units.length, second.left]).toEqual([1, 3]);
    expect(second.stopped?.code).toBe("budget_reached");
    expect(server.served.requests).toBe(1);
    const third = await judged(ledger, { ...limits, budget_usd: 10 });
    expect([third.units.length, third.left]).toEqual([4, 0]);
    expect(server.served.requests).toBe(4);
  });
  test("a budget where nobody knows the price is refused", async () => {
    using ledger = memoryLedger();
    many(ledger);
    const local = { ...ACTS, model: "local/some", base_url: "http://127.0.0.1:9/v1" };
    await expect(judged(ledger, { ...local, budget_usd: 1 })).rejects.toThrow(UsageError);
  });
  test("the signal: what was paid for is kept, and nothing hangs", async () => {
    const stop = new AbortController();
    const script: Script = judging((scene) => {
      if (scene.answers === 0) return { text: "no JSON" };
      stop.abort(new DOMException("interrupted", "AbortError"));
      return "hang";
    });
    await using server = anthropicServer(script);
    using ledger = memoryLedger();
    many(ledger);
    const options = { ...ACTS, base_url: server.base_url, concurrency: 1, signal: stop.signal };
    await expect(judged(ledger, options)).rejects.toThrow("interrupted");
    expect(ledger.labels.spent(["one"]).usd).toBeGreaterThan(0);
    expect(ledger.query("SELECT subject, answer FROM labels")).toEqual([
      { subject: "unanswered", answer: "no JSON" },
    ]);
  });
  test("draining: what is under way is finished", async () => {
    const drain = new AbortController();
    await using server = anthropicServer(judging(() => void drain.abort()));
    using ledger = memoryLedger();
    many(ledger);
    const options = { ...ACTS, base_url: server.base_url, concurrency: 1, drain: drain.signal };
    const end = await judged(ledger, options);
    expect([faultsOf(end.units), end.left]).toEqual([[undefined], 3]);
  });
});

test("the cache answers what was asked before, for nothing", async () => {
  await using server = anthropicServer(judging());
  using folder = temporaryFolder();
  const options = { ...ACTS, base_url: server.base_url, cache: true, log_dir: folder.path };
  for (const _ledger of ["first", "second"]) {
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    await judged(ledger, options);
    expect(ledger.labels.findings().length).toBe(3);
    if (_ledger === "second") expect(ledger.labels.spent(["one"]).usd).toBe(0);
  }
  expect(server.served.requests).toBe(1);
});

describe("estimates", () => {
  test("count what is left to ask, in tokens and dollars", async () => {
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"), { passed: false });
    addTalk(ledger, keyOf("1_3"));
    const { units } = planJudging({ ledger, ...ALL });
    const rows = await estimates(units, { model: CLAUDE });
    expect(rows.map(({ measure, calls, answered }) => [measure, calls, answered])).toEqual([
      ["communication error", 2, 0],
      ["failure symptom", 1, 0],
      ["speech act", 2, 0],
    ]);
    for (const { input_tokens, output_tokens, cost_usd } of rows)
      expect(cost_usd).toBeCloseTo((3 * input_tokens + 15 * output_tokens) / 1e6, 12);
    const characters = units.filter(({ measure }) => measure === "speech act");
    expect(rows[2]?.input_tokens).toBe(
      Math.round(characters.reduce((sum, one) => sum + one.characters, 0) / 4),
    );
  });
  test("of a model without a price are unknown, not zero", async () => {
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    const { units } = planJudging({ ledger, ...ACTS });
    expect((await estimates(units, { model: "local/some" }))[0]?.cost_usd).toBeNull();
  });
});

describe("refused:", () => {
  const cases: [what: string, options: Partial<JudgeOptions>, message: RegExp][] = [
    ["neither run nor key", { select: {} }, /name the conversations/],
    ["a run that is not there", { select: { run: "oen" } }, /did you mean "one"/],
    [
      "a model that is none",
      { model: "claude-sonnet-4-5" },
      /did you mean "anthropic\/claude-sonnet-4-5"/,
    ],
    ["a recording", { model: "replay/demo" }, /has recordings of agents/],
    [
      "a pair's key",
      { select: { keys: ["alpha_task/task1/features_1_2"] } },
      /is a pair, not an attempt/,
    ],
  ];
  test.each(cases)("%s", async (_what, options, message) => {
    using ledger = memoryLedger();
    addTalk(ledger, keyOf("1_2"));
    await expect(judged(ledger, options)).rejects.toThrow(UsageError);
    await expect(judged(ledger, options)).rejects.toThrow(message);
  });
});
