import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { openBudget } from "./budget.ts";
import { callerOf, failure, never, type Script, scriptedGateway } from "./gateway.fixture.ts";
import { callLines, type MeteredModel } from "./metered.ts";
import type { Answer, Caller, ChatTurn, ModelRequest, Tool } from "./model.ts";
import { NO_USAGE } from "./model.ts";
import { packRecording, RECORDING_FILES } from "./recording.ts";

const BASH: Tool = { name: "bash", description: "runs", parameters: { type: "object" } };
const user = (content: string): ChatTurn => ({ role: "user", content });
const command = (n: number) => ({
  id: `call-${n}`,
  name: "bash",
  arguments: { command: `step ${n}` },
});
const script: Script = (_, n) => ({
  text: `answer ${n}`,
  tool_calls: [command(n)],
  stop_reason: "tool calls",
  usage: { ...NO_USAGE, input_tokens: n, output_tokens: 1000 * n },
  opaque: { signature: `s${n}` },
  response_model: "some-2026",
});
const refuse: Script = () => {
  throw failure("bad request", { message: "nobody should ask" });
};

type Talk = { readonly steps?: number; readonly world?: (step: number) => string };

/** A loop as an agent's: answers and observations go back, with a summary after the second step. */
async function talk(model: MeteredModel, { steps = 3, world = (n) => `saw ${n}` }: Talk = {}) {
  const turns: ChatTurn[] = [{ role: "system", content: "be good" }, user("build it")];
  const answers: Answer[] = [];
  const say = async (request: ModelRequest) => {
    const answer = await model.complete(request, never);
    answers.push(answer);
    return answer;
  };
  for (let step = 1; step <= steps; step++) {
    const {
      text: content,
      tool_calls,
      opaque,
    } = await say({ turns, tools: [BASH], purpose: "step" });
    turns.push({ role: "assistant", content, tool_calls, opaque });
    for (const { id } of tool_calls)
      turns.push({ role: "tool", tool_call_id: id, content: world(step) });
    if (step === 2) {
      const summary = await say({ turns: [user("sum up")], tools: [], purpose: "summary" });
      turns.splice(2, 2, user(summary.text));
    }
  }
  return { turns, answers };
}

/** The run `first` of one agent on disk, as a run would leave it (or once left it), and gateways that repeat it. */
async function recordedRun(caller: Caller = callerOf(), form: "now" | "before" = "now") {
  const folder = temporaryFolder();
  const { gateway } = await scriptedGateway(script);
  const model = await gateway.open(caller);
  const talked = await talk(model);
  const agent = caller.setting === "solo" ? "solo" : caller.agent_id;
  const log_dir = folder.path;
  const [name, older] = RECORDING_FILES;
  const place = join(log_dir, caller.attempt_key, agent);
  if (form === "now") writeWhole(join(place, name), packRecording(callLines(model)));
  else writeWhole(join(place, older), callLines(model));
  const repeat = (run = "first", options = {}) =>
    scriptedGateway(refuse, { replay: { log_dir, run }, ...options });
  const again = { ...caller, attempt_key: caller.attempt_key.replace("first/", "second/") };
  return { model, talked, repeat, again, [Symbol.dispose]: folder[Symbol.dispose] };
}

describe("a replay", () => {
  const CALLERS: [name: string, caller: Caller, form?: "before"][] = [
    ["an agent of a pair", callerOf()],
    ["a solo agent", callerOf({ setting: "solo" })],
    ["a second try", callerOf({ attempt_key: "first/demo_task/task1/features_1_2~2" })],
    ["calls from before they were compressed", callerOf(), "before"],
  ];
  test.each(CALLERS)(
    "of %s is the same, byte for byte, and costs nothing",
    async (...[, caller, form]) => {
      using run = await recordedRun(caller, form);
      const { gateway, asked, events } = await run.repeat();
      const model = await gateway.open(run.again);
      const { turns, answers } = await talk(model);
      expect(JSON.stringify(turns)).toBe(JSON.stringify(run.talked.turns));
      const without = (answer: Answer) => ({ ...answer, latency_ms: 0, waited_ms: 0 });
      expect(answers).toEqual(run.talked.answers.map(without));
      expect(answers.map(({ cost_usd }) => cost_usd)).toEqual([1, 2, 3, 4]);
      expect(model.calls.map(({ request_sha256 }) => request_sha256)).toEqual(
        run.model.calls.map(({ request_sha256 }) => request_sha256),
      );
      for (const call of model.calls) expect(call).toMatchObject({ source: "replay", cost_usd: 0 });
      expect([asked, model.divergence, gateway.state().spent_usd]).toEqual([[], undefined, 0]);
      // The third is no step: it is a summary.
      const kinds = ["call", "step", "call", "step", "call", "call", "step"] as const;
      expect(events.map(({ kind }) => kind)).toEqual([...kinds]);
    },
  );

  test("of a replay is the same still", async () => {
    using run = await recordedRun();
    using folder = temporaryFolder();
    const { gateway } = await run.repeat();
    const second = await gateway.open(run.again);
    await talk(second);
    writeWhole(join(folder.path, run.again.attempt_key, "agent1/calls.jsonl"), callLines(second));
    const replay = { log_dir: folder.path, run: "second" };
    const third = await (await scriptedGateway(refuse, { replay })).gateway.open(callerOf());
    expect((await talk(third)).answers.map(({ cost_usd }) => cost_usd)).toEqual([1, 2, 3, 4]);
    expect(third.divergence).toBeUndefined();
  });

  test("needs neither key nor price, and heeds no budget", async () => {
    using run = await recordedRun();
    const options = {
      model: "anthropic/x-unpriced",
      budget: openBudget({ budget_usd: 0, spent: { usd: 0 } }),
      openProvider: undefined,
    };
    const { gateway } = await run.repeat("first", options);
    await talk(await gateway.open(run.again));
    expect(gateway.stopped).toBeUndefined();
  });

  test("with more calls than were recorded is a fault", async () => {
    using run = await recordedRun();
    const { gateway } = await run.repeat();
    await expect(talk(await gateway.open(run.again), { steps: 4 })).rejects.toMatchObject({
      code: "recording_exhausted",
    });
  });

  const MISSING: [run: string, hint: string][] = [
    ["frist", "did you mean --replay first?"],
    ["first", "the same pair, try and setting"],
  ];
  test.each(MISSING)("of run %s, which did not make this try, is a fault", async (name, hint) => {
    using run = await recordedRun();
    const { gateway } = await run.repeat(name);
    const other = callerOf({ attempt_key: "second/demo_task/task1/features_1_2~3" });
    await expect(gateway.open(other)).rejects.toMatchObject({
      code: "recording_missing",
      hint: expect.stringContaining(hint),
    });
  });
});

describe("the first divergence", () => {
  const long = "y".repeat(500);
  const CASES: [name: string, talk: Talk, seq: number, what: RegExp][] = [
    [
      "an observation",
      { world: (n) => (n === 2 ? `saw other ${n}` : `saw ${n}`) },
      4,
      /^turn 5 \(tool\) differs: recorded "saw 2 \[answers call-2\]", now "saw other 2 .*"$/,
    ],
    ["of the first step", { world: () => "nothing" }, 2, /^turn 4 \(tool\) differs/],
    [
      "that is late in a long text",
      { world: (n) => (n === 1 ? `saw 1${long}` : `saw ${n}`) },
      2,
      /^turn 4 \(tool\) differs: .{0,90}now "saw 1y{195}"…$/,
    ],
  ];
  test.each(CASES)("is found: %s", async (_, changed, seq, what) => {
    using run = await recordedRun();
    const { gateway, events } = await run.repeat();
    const model = await gateway.open(run.again);
    const { answers } = await talk(model, changed);
    expect(model.divergence).toMatchObject({ agent_id: "agent1", seq });
    expect(model.divergence?.what).toMatch(what);
    expect(answers.map(({ text }) => text)).toEqual(run.talked.answers.map(({ text }) => text));
    expect(events.filter(({ kind }) => kind === "divergence")).toEqual([
      { kind: "divergence", caller: run.again, divergence: model.divergence },
    ] as never[]);
  });

  const REQUESTS: [name: string, change: (request: ModelRequest) => ModelRequest, what: RegExp][] =
    [
      [
        "a new turn",
        (it) => ({ ...it, turns: [...it.turns, user("hello")] }),
        /^turn 3 \(user\) is new: "hello"$/,
      ],
      [
        "a missing turn",
        (it) => ({ ...it, turns: it.turns.slice(0, 1) }),
        /^turn 2 \(user\) is missing: "build it"$/,
      ],
      [
        "another role",
        (it) => ({ ...it, turns: [user("be good"), user("build it")] }),
        /^turn 1 \(system, now user\)/,
      ],
      ["other tools", (it) => ({ ...it, tools: [] }), /^the tools differ: recorded "\[\{/],
      ["another purpose", (it) => ({ ...it, purpose: "summary" }), /^the purpose differ/],
    ];
  test.each(REQUESTS)("is told: %s", async (_, change, what) => {
    using run = await recordedRun();
    const { gateway } = await run.repeat();
    const model = await gateway.open(run.again);
    const turns: ChatTurn[] = [{ role: "system", content: "be good" }, user("build it")];
    await model.complete(change({ turns, tools: [BASH], purpose: "step" }), never);
    expect(model.divergence?.what).toMatch(what);
    expect(model.divergence?.seq).toBe(1);
  });

  test("is told when only the options are others", async () => {
    using run = await recordedRun();
    const { gateway } = await run.repeat("first", { options: { seed: 4 } });
    const model = await gateway.open(run.again);
    await talk(model);
    expect(model.divergence?.what).toBe('the options differ: recorded "{}", now "{\\"seed\\":4}"');
  });
});
