import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { MINI, pairPlace } from "../lib/attempt/pair.fixture.ts";
import { runPairs } from "../lib/engine/attempt.ts";
import { fastClock } from "../lib/model/gateway.fixture.ts";
import { openGateway } from "../lib/model/gateway.ts";
import { withKeys } from "../lib/model/provider/provider.fixture.ts";
import type { Asked, Script, Scripted } from "../lib/model/wire/script.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import {
  billOf,
  billOfServer,
  CLAUDE,
  diligent,
  KEYS,
  outcomesOf,
  playing,
  rows,
  sceneOf,
} from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

type Place = ReturnType<typeof place>;
const PAIRS = ["1_2", "1_3", "1_4", "1_5", "2_3", "2_4", "2_5", "3_4", "3_5", "4_5"];
const play = playing(diligent);
const allOf = (outcome: string, pairs = PAIRS) =>
  Object.fromEntries(pairs.map((pair) => [pair, outcome]));

/** Solo attempts, because their prompts tell the pair. */
function runSolo(here: Place, server: WireServer, more: readonly string[] = [], env = KEYS) {
  const args = ["-n", "a", "-m", CLAUDE, "--base-url", server.base_url, "-r", "demo_task"];
  const rest = ["--setting", "solo", "--unsafe-local", ...more];
  return here.call("run-pair", [...args, ...rest], { env: { ...env } });
}

/** The trouble of a pair's first request, and of every later one while it lasts; then the play. */
function troubled(troubles: Readonly<Record<string, Scripted>>, lasts = () => false): Script {
  const met = new Set<string>();
  return (asked) => {
    const pair = sceneOf(asked).features.join("_");
    const trouble = troubles[pair];
    if (trouble === undefined || (met.has(pair) && !lasts())) return play(asked);
    met.add(pair);
    return trouble;
  };
}

const FLEETING: Scripted[] = [
  { status: 429, headers: { "retry-after": "1" } },
  { status: 429 },
  { status: 500 },
  { status: 502, body: "<html>Bad Gateway</html>" },
  { status: 503 },
  { status: 529 },
  "cut",
  "ended",
  "truncated",
  "overloaded",
];

test("what passes is asked again: ten troubles, ten attempts as if there had been none", async () => {
  const troubles = Object.fromEntries(PAIRS.map((pair, at) => [pair, FLEETING[at] ?? "blank"]));
  await using server = anthropicServer(troubled(troubles));
  using here = place();
  const called = await runSolo(here, server);
  expect(outcomesOf(called)).toEqual({ code: 0, units: allOf("submitted") });
  const ledger = here.at("ledger.sqlite");
  const counts =
    "SELECT sum(retries) AS retries, sum(cost_usd IS NOT NULL) AS answered, sum(stop_reason = 'cut off') AS cut_off FROM calls";
  // Four of the troubles broke off an answer: nobody knows what that cost, and the agents' sums say so.
  expect(rows(ledger, counts)).toEqual([{ retries: 10, answered: 20, cut_off: 4 }]);
  expect(server.served).toMatchObject({ requests: 30, answers: 20 });
  const { calls } = await billOfServer(server, CLAUDE);
  expect(billOf(ledger, "a").calls).toEqual(calls);
  const agents =
    "SELECT sum(cost_usd IS NULL) AS unknown, sum(coalesce(cost_usd, known_usd)) AS cost_usd, sum(cut_off) AS cut_off FROM agents";
  expect(rows(ledger, agents)).toEqual([{ unknown: 4, cost_usd: calls.cost_usd, cut_off: 4 }]);
  expect(rows(ledger, "SELECT * FROM faults")).toEqual([]);
});

/** Answers that are no commands, and what the agent is told of each. */
const USELESS: Record<string, { answer: Scripted; told: string }> = {
  "1_2": { answer: "empty", told: "Your answer was empty." },
  "1_3": { answer: { text: "Let me think." }, told: "Your answer had no tool call." },
  "1_4": { answer: called("bash", '{"command": "ls'), told: "The arguments are no JSON object" },
  "1_5": { answer: called("bash", "[1]"), told: "The arguments are no JSON object" },
  "2_3": { answer: called("bash", '{"cmd": "ls"}'), told: "You gave: cmd." },
  "2_4": { answer: called("python", "{}"), told: 'There is no tool "python"' },
  "2_5": { answer: { text: "Let", stop_reason: "length" }, told: "cut off at its token limit" },
};

function called(name: string, json: string): Scripted {
  return { tool_calls: [{ name, arguments: json }] };
}

test("an answer that is no command is answered, and the agent goes on", async () => {
  const met = new Set<string>();
  const seen = new Map<string, Asked>();
  // Such an answer stands in the conversation, unless it was empty: the play counts from behind it.
  const script: Script = (asked) => {
    const pair = sceneOf(asked).features.join("_");
    const useless = USELESS[pair];
    if (useless && !met.has(pair)) {
      met.add(pair);
      return useless.answer;
    }
    seen.set(pair, asked);
    const turns = asked.turns.filter(
      ({ role }, at) => role !== "assistant" || at > 2 || pair === "1_2",
    );
    return play({ ...asked, turns });
  };
  await using server = anthropicServer(script);
  using here = place();
  const pairs = Object.keys(USELESS);
  const outcome = await runSolo(here, server, ["--limit", String(pairs.length)]);
  expect(outcomesOf(outcome)).toEqual({ code: 0, units: allOf("submitted", pairs) });
  for (const pair of pairs)
    expect({ pair, told: JSON.stringify(seen.get(pair)?.turns) }).toEqual({
      pair,
      told: expect.stringContaining(JSON.stringify(USELESS[pair]?.told).slice(1, -1)),
    });
  expect(server.refused).toEqual([]);
  expect(billOf(here.at("ledger.sqlite"), "a")).toEqual(await billOfServer(server, CLAUDE));
});

const LASTING: Record<string, { trouble: Scripted; fault: string; hint: string }> = {
  "1_2": { trouble: { status: 400 }, fault: "model_request", hint: "correct the model's name" },
  "1_3": {
    trouble: { status: 429, headers: { "retry-after": "10800" } },
    fault: "provider_down",
    hint: "run the same command again",
  },
  "1_4": { trouble: { status: 422 }, fault: "model_request", hint: "correct the model's name" },
  "1_5": { trouble: { status: 415 }, fault: "model_request", hint: "correct the model's name" },
};

test("what does not pass is a fault of its attempt: exit 1, nothing scored, and the next call mends it", async () => {
  let lasts = true;
  const troubles = Object.entries(LASTING).map(([pair, { trouble }]) => [pair, trouble]);
  await using server = anthropicServer(troubled(Object.fromEntries(troubles), () => lasts));
  using here = place();
  const ledger = here.at("ledger.sqlite");
  const first = await runSolo(here, server, ["--limit", "5"]);
  const faults = Object.entries(LASTING).map(([pair, { fault }]) => [pair, fault]);
  const units = { ...Object.fromEntries(faults), "2_3": "submitted" };
  expect(outcomesOf(first)).toEqual({ code: 1, units });
  for (const { fault, hint } of Object.values(LASTING)) {
    expect(first.stderr).toContain(`[${fault}]`);
    expect(first.stderr).toContain(hint);
  }
  const open = "SELECT code FROM faults WHERE resolved_at IS NULL AND hint <> '' ORDER BY unit";
  expect(rows(ledger, open)).toEqual(Object.values(LASTING).map(({ fault }) => ({ code: fault })));

  const { stdout } = await here.call("eval", ["-n", "a", "--unsafe-local"]);
  expect(jsonLines(stdout)).toMatchObject([{ key: "a/demo_task/task1/features_2_3" }]);
  expect(rows(ledger, "SELECT count(*) AS scored FROM scores WHERE policy = 'union'")).toEqual([
    { scored: 1 },
  ]);

  lasts = false;
  const second = await runSolo(here, server, ["--limit", "5"]);
  const pairs = [...Object.keys(LASTING), "2_3"];
  expect(outcomesOf(second)).toEqual({ code: 0, units: allOf("submitted", pairs) });
  expect(second.stderr).toContain("4 run, 1 run before, 0 faults");
  expect(rows(ledger, open)).toEqual([]);
});

test("a refused key stops the run at once: other attempts are not begun, and a good key does them all", async () => {
  await using server = anthropicServer(play);
  using here = place();
  const args = ["--limit", "4", "-c", "1"];
  const wrong = { ...KEYS, ANTHROPIC_API_KEY: "sk-not-the-key-0123456789" };
  const first = await runSolo(here, server, args, wrong);
  expect(outcomesOf(first)).toEqual({ code: 1, units: { "1_2": "model_auth" } });
  expect(first.stderr).toContain("3 attempts are left: anthropic refuses: auth (401)");
  expect(first.stderr).toContain("set a valid key");
  expect(server.served.requests).toBe(1);
  const { stdout } = await here.call("eval", ["-n", "a", "--unsafe-local"]);
  expect(stdout).toBe("");
  const second = await runSolo(here, server, args);
  expect(outcomesOf(second)).toEqual({ code: 0, units: allOf("submitted", PAIRS.slice(0, 4)) });
});

const R12 = "r/demo_task/task1/features_1_2";
const SILENT = ["hang", "stall", "blank"] as const;

describe("time at a provider", () => {
  /** An attempt of two agents that submit at once, over a gateway that waits so long for an answer and never between. */
  async function attempt(script: Script, call_timeout_ms: number) {
    using _keys = withKeys();
    await using server = anthropicServer(script);
    using pair = pairPlace();
    const gateway = await openGateway({
      ...{ model: CLAUDE, base_url: server.base_url, options: {}, clock: fastClock() },
      ...{ call_timeout_ms },
    });
    const config = { ...MINI, model: CLAUDE };
    const { plan, units } = await pair.plan({ config, gateway, taskOf: () => pair.task });
    await runPairs(plan);
    const faults = pair.ledger.faults.open();
    return { units, faults, requests: server.served.requests, retries: gateway.state().retries };
  }

  const submits: Scripted = called(
    "bash",
    JSON.stringify({ command: "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT" }),
  );

  test.each(SILENT)("%s, once: asked again", async (trouble) => {
    const script: Script = ({ n }) => (n === 1 ? trouble : submits);
    const { units, faults, retries } = await attempt(script, 2000);
    expect(units).toMatchObject([{ key: R12, outcome: "empty patch" }]);
    expect(faults).toEqual([]);
    expect(retries).toBeGreaterThanOrEqual(1);
  });

  const FOREVER: Scripted[] = ["hang", "cut", { status: 500 }];
  test.each(FOREVER)("%j, for ever: a fault with a hint after a last try", async (trouble) => {
    const { units, faults, requests } = await attempt(() => trouble, 300);
    expect(units).toMatchObject([{ key: R12, fault: { code: "provider_down" } }]);
    expect(faults).toMatchObject([
      { unit: R12, code: "provider_down", hint: expect.stringContaining("run the same command") },
    ]);
    // Eight tries of the one that gave up; the other agent was stopped on its way.
    expect(requests).toBeGreaterThanOrEqual(8);
    expect(requests).toBeLessThanOrEqual(16);
  });
});
