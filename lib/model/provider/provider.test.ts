import { describe, expect, test } from "bun:test";
import { addUsage, type ChatTurn, NO_USAGE, type Usage } from "../model.ts";
import type { ScriptedAnswer } from "../wire/script.fixture.ts";
import type { RawAnswer } from "./contract.ts";
import { bodyText, connected, never, PROVIDERS, QUESTION } from "./provider.fixture.ts";

const bash = (command: string) => ({ name: "bash", arguments: { command } });
/** As a recording keeps it: through JSON. */
const kept = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function assistant({ text, tool_calls, opaque }: RawAnswer): ChatTurn {
  return kept({ role: "assistant", content: text, tool_calls, opaque });
}
const result = (tool_call_id: string, content: string): ChatTurn => ({
  role: "tool",
  tool_call_id,
  content,
});

describe.each(PROVIDERS)("$model", (known) => {
  test("a conversation with tools: two calls, their results, a message, an end", async () => {
    await using place = await connected(known, {
      script: ({ n }) =>
        n === 1
          ? { text: "Looking ", tool_calls: [bash("ls"), { ...bash("pwd"), id: "mine" }] }
          : { text: "Done — é✓." },
    });
    const first = await place.provider.call(QUESTION, never);
    expect(first).toMatchObject({
      text: "Looking ",
      stop_reason: "tool calls",
      tool_calls: [
        { id: "call_1_1", ...bash("ls") },
        { id: "mine", ...bash("pwd") },
      ],
      response_model: place.provider.model_id,
    });
    const results = [result("call_1_1", "a\n b"), result("mine", "/x")];
    const turns = [
      ...QUESTION.turns,
      assistant(first),
      ...results,
      { role: "user" as const, content: "[Message from agent2]: hello" },
    ];
    const second = await place.provider.call({ ...QUESTION, turns }, never);
    expect(second).toMatchObject({ text: "Done — é✓.", tool_calls: [], stop_reason: "stop" });

    const seen = place.server.asked[1];
    const mailed = result("mine", "/x\n\n[Message from agent2]: hello");
    const sent = [...QUESTION.turns, assistant(first), result("call_1_1", "a\n b"), mailed];
    expect(seen?.turns).toEqual(sent.map(({ ...turn }) => without(turn)));
    expect(seen?.tools).toEqual(["bash"]);
    expect(seen?.hint).toBe("You are agent1.\nWhat is here?");
    expect(place.server.refused).toEqual([]);
  });

  test("thoughts and their signatures go back with the next request, in their place", async () => {
    await using place = await connected(known, {
      script: ({ n }) =>
        n === 1
          ? { reasoning: "First I look.", text: "Looking.", tool_calls: [bash("ls")] }
          : { text: "done" },
    });
    const first = await place.provider.call(QUESTION, never);
    const turns = [...QUESTION.turns, assistant(first), result("call_1_1", "x")];
    await place.provider.call({ ...QUESTION, turns }, never);
    expect(place.server.refused).toEqual([]);
    const signed = known.model.startsWith("local/") ? "First I look." : "signature-1-of-4";
    expect(bodyText(place.server, 2).split(signed)).toHaveLength(2);

    // A server that insists says so when they are missing: the check above could have failed.
    const bare = turns.map((turn) => without(turn));
    const again = place.provider.call({ ...QUESTION, turns: bare }, never);
    if (/^(local|openrouter)\//.test(known.model)) return void (await again);
    await expect(again).rejects.toMatchObject({ kind: "bad request", status: 400 });
  });

  test("a turn of another model, or one that was changed since, is told plainly", async () => {
    await using place = await connected(known, { script: () => ({ text: "yes" }) });
    const opaque = {
      author: "somebody/else",
      parts: [{ type: "reasoning", text: "secret thoughts" }],
    };
    const changed = {
      author: `${place.provider.provider_id}/${place.provider.model_id}`,
      parts: [
        { type: "reasoning", text: "secret thoughts" },
        { type: "text", length: 3 },
      ],
    };
    for (const own of [opaque, changed, "nonsense", null]) {
      const turn = { role: "assistant" as const, content: "Hello.", tool_calls: [], opaque: own };
      const turns = [...QUESTION.turns, turn, { role: "user" as const, content: "And?" }];
      await place.provider.call({ ...QUESTION, turns }, never);
    }
    const bodies = place.server.asked.map(({ body }) => JSON.stringify(body));
    expect(bodies.filter((body) => body.includes("Hello."))).toHaveLength(4);
    expect(bodies.filter((body) => body.includes("secret"))).toEqual([]);
  });

  test("counts are the server's, kind by kind", async () => {
    const writes = !/^(gemini|local)\//.test(known.model);
    const counts: Usage = {
      input_tokens: 1000,
      output_tokens: 300,
      cache_read_tokens: 50_000,
      cache_write_tokens: writes ? 2000 : 0,
      reasoning_tokens: 120,
    };
    await using place = await connected(known, {
      script: ({ n }) => ({
        text: "counted",
        reasoning: "hm",
        ...(n === 1 ? { usage: counts } : {}),
      }),
    });
    const one = await place.provider.call(QUESTION, never);
    const two = await place.provider.call(QUESTION, never);
    expect(one.usage).toEqual(counts);
    expect(two.usage?.input_tokens).toBeGreaterThan(0);
    expect(place.server.served).toEqual({
      requests: 2,
      answers: 2,
      usage: addUsage(one.usage ?? NO_USAGE, two.usage ?? NO_USAGE),
    });
  });

  const ENDS: [scripted: ScriptedAnswer, expected: Partial<RawAnswer>][] = [
    [{}, { text: "", tool_calls: [], stop_reason: "stop" }],
    [
      { text: "half", stop_reason: "length" },
      { text: "half", stop_reason: "length" },
    ],
    [
      { text: "no", stop_reason: "filtered" },
      { text: "no", stop_reason: "filtered" },
    ],
  ];
  test.each(ENDS)("%j ends as %j", async (scripted, expected) => {
    await using place = await connected(known, { script: () => scripted });
    expect(await place.provider.call(QUESTION, never)).toMatchObject(expected);
  });

  const BROKEN = ['{"command": "ls', '["ls"]', '"ls"', "ls -la", "null"];
  test.each(BROKEN)("arguments %p are a malformed call, answered like any other", async (text) => {
    await using place = await connected(known, {
      script: ({ n }) => (n === 1 ? { tool_calls: [{ name: "bash", arguments: text }] } : {}),
    });
    const answer = await place.provider.call(QUESTION, never);
    // Gemini keeps such a call to itself: its answer is empty.
    if (known.model.startsWith("gemini/"))
      return expect(answer).toMatchObject({ tool_calls: [], stop_reason: "other" });
    const call = { id: "call_1_1", name: "bash", arguments: {}, malformed: text };
    expect(answer.tool_calls).toEqual([call]);
    const turns = [...QUESTION.turns, assistant(answer), result("call_1_1", "no JSON object")];
    await place.provider.call({ ...QUESTION, turns }, never);
    expect(place.server.refused).toEqual([]);
  });

  test("no arguments at all are an empty object", async () => {
    await using place = await connected(known, {
      script: () => ({ tool_calls: [{ name: "bash", arguments: {} }] }),
    });
    expect((await place.provider.call(QUESTION, never)).tool_calls).toEqual([
      { id: "call_1_1", name: "bash", arguments: {} },
    ]);
  });

  test("turns that say nothing are left out, and no tools are no tools", async () => {
    await using place = await connected(known, { script: () => ({ text: "ok" }) });
    const turns: ChatTurn[] = [
      ...QUESTION.turns,
      { role: "assistant", content: " \n", tool_calls: [] },
      { role: "user", content: "" },
      { role: "user", content: "Go on." },
    ];
    await place.provider.call({ turns, tools: [], purpose: "summary" }, never);
    expect(place.server.refused).toEqual([]);
    expect(place.server.asked[0]?.tools).toEqual([]);
    const said = place.server.asked[0]?.turns.map(({ content }) => content);
    expect(said).toEqual(["You are agent1.", "What is here?\n\nGo on."]);
  });
});

/** The turn as a server can see it. */
function without(turn: ChatTurn): ChatTurn {
  if (turn.role !== "assistant") return turn;
  const { opaque: _, ...rest } = turn;
  return rest;
}

test("Anthropic's cache is asked for: system, and the last two turns of ours", async () => {
  const [known] = PROVIDERS;
  await using place = await connected(known, { script: () => ({ text: "ok" }) });
  const step = (n: number): ChatTurn[] => [
    { role: "assistant", content: "", tool_calls: [{ id: `c${n}`, ...bash("ls") }] },
    result(`c${n}`, `result ${n}`),
  ];
  const turns = [...QUESTION.turns, ...step(1), ...step(2), ...step(3)];
  await place.provider.call({ ...QUESTION, turns }, never);
  const marked = bodyText(place.server).match(/"(?:text|content)":"[^"]*","cache_control"/g);
  expect(marked?.map((text) => text.split('"')[3])).toEqual([
    "You are agent1.",
    "result 2",
    "result 3",
  ]);
});

describe("OpenRouter", () => {
  const known = PROVIDERS[3];
  test.each([0.0123, 0])("its own cost %d is told", async (cost_usd) => {
    await using place = await connected(known, { script: () => ({ text: "ok", cost_usd }) });
    expect((await place.provider.call(QUESTION, never)).cost_usd).toBe(cost_usd);
  });

  test("without one there is none, and Anthropic's models are asked to cache", async () => {
    await using place = await connected(known, { script: () => ({ text: "ok" }) });
    expect(await place.provider.call(QUESTION, never)).not.toHaveProperty("cost_usd");
    expect(place.server.asked[0]?.body.cache_control).toEqual({ type: "ephemeral" });
  });
});
