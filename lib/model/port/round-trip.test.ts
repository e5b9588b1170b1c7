import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeWhole } from "../../core/files.ts";
import { temporaryFolder } from "../../core/testing.ts";
import { callerOf } from "../gateway.fixture.ts";
import type { ChatTurn, ModelRequest } from "../model.ts";
import { reasoningText } from "../provider/opaque.ts";
import { toPrompt, toTools } from "../provider/prompt.ts";
import { never, PROVIDERS, QUESTION } from "../provider/provider.fixture.ts";
import { packRecording } from "../recording.ts";
import { recordingOfRun } from "../replay.ts";
import { WIRE_KEY } from "../wire/script.fixture.ts";
import { WIRE_NAMES, type WireName } from "../wire/wire.ts";
import { openWorld } from "./port.fixture.ts";

const [ANTHROPIC, OPENAI, GOOGLE] = PROVIDERS;
const ls = { name: "bash", arguments: { command: "ls" } };
const ANSWERS = [
  { reasoning: "Where am I?", text: "I look.", tool_calls: [ls] },
  { reasoning: "I see.", text: "Done.", tool_calls: [{ ...ls, arguments: { command: "pwd" } }] },
  { text: "Bye." },
];
type World = Awaited<ReturnType<typeof openWorld>>;

/** Three calls of one program that shows its model's reasoning; what it was told. */
async function talk(world: World, wire: WireName) {
  const effort = wire === "chat" ? {} : { reasoning_effort: "low" as const };
  const program = await world.program(wire, effort);
  const turns: ChatTurn[] = [...QUESTION.turns];
  const answers = [];
  for (const _ of ANSWERS) {
    const answer = await program.call({ ...QUESTION, turns }, never);
    const { text: content, tool_calls, opaque } = answer;
    turns.push({
      role: "assistant",
      content,
      tool_calls,
      ...(opaque === undefined ? {} : { opaque }),
    });
    for (const { id } of tool_calls)
      turns.push({ role: "tool", tool_call_id: id, content: "README.md" });
    if (tool_calls.length === 0) turns.push({ role: "user", content: "And?" });
    answers.push(answer);
  }
  return answers;
}

const opaques = ({ turns }: ModelRequest) =>
  turns.flatMap((turn) => (turn.role === "assistant" ? [turn.opaque] : []));

/** The answer to one text. */
async function say(world: World, wire: WireName, content: string): Promise<string> {
  const program = await world.program(wire);
  const turns: ChatTurn[] = [{ role: "user", content }];
  return (await program.call({ ...QUESTION, turns }, never)).text;
}

/** What was recorded, and a world that answers from it alone. */
function recordingOf(world: World) {
  const folder = temporaryFolder();
  const log_dir = join(folder.path, "logs");
  const place = join(log_dir, callerOf().attempt_key, "agent1", "calls.jsonl.zst");
  writeWhole(place, packRecording(world.lines()));
  expect(recordingOfRun({ log_dir, run: "first" }, callerOf())).toBe(place);
  const gateway = { replay: { log_dir, run: "first" } };
  return {
    world: { script: () => ({ status: 500 }), gateway },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

describe.each(WIRE_NAMES)("S2: on %s", (wire) => {
  test.each([ANTHROPIC, OPENAI, GOOGLE])(
    "reasoning of $model is shown, and goes back with its seal",
    async (known) => {
      await using world = await openWorld(known, { script: ({ n }) => ANSWERS[n - 1] ?? "empty" });
      const answers = await talk(world, wire);
      expect(answers.map(({ text }) => text)).toEqual(["I look.", "Done.", "Bye."]);
      expect(world.server.refused).toEqual([]);
      const kept = world.exchanges.map(({ answer }) => answer.opaque);
      expect(kept[0]).toBeDefined();
      const last = world.exchanges[2]?.request;
      expect(last && opaques(last)).toEqual(kept.slice(0, 2));
      // Programs on OpenAI's wire ask for summaries only where they know their model.
      const shown = reasoningText(answers[0]?.opaque);
      if (wire !== "contents") expect(shown).toBe("Where am I?");
      const told = JSON.stringify(world.exchanges.map(({ request }) => request));
      expect(told).not.toContain("seal_");
    },
  );

  test("a replay gives the same, without the server", async () => {
    await using world = await openWorld(ANTHROPIC, {
      script: ({ n }) => ANSWERS[n - 1] ?? "empty",
    });
    const answers = await talk(world, wire);
    using recorded = recordingOf(world);
    await using again = await openWorld(ANTHROPIC, recorded.world);
    const repeated = await talk(again, wire);
    expect(repeated.map(({ text }) => text)).toEqual(answers.map(({ text }) => text));
    expect(again.calls.map(({ request_sha256 }) => request_sha256)).toEqual(
      world.calls.map(({ request_sha256 }) => request_sha256),
    );
    expect(again.server.served.requests).toBe(0);
  });

  test("two calls at once, answered in the other order, are kept as they were asked, and replayed", async () => {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    await using world = await openWorld(ANTHROPIC, {
      script: async ({ hint }) => {
        if (!hint.includes("one")) return { text: "Second." };
        asked.resolve();
        await answered.promise;
        return { text: "First." };
      },
    });
    const one = say(world, wire, "task one");
    await asked.promise;
    expect(await say(world, wire, "task two")).toBe("Second.");
    answered.resolve();
    expect(await one).toBe("First.");
    await world.admission.heard();
    expect(world.exchanges.map(({ answer }) => answer.text)).toEqual(["First.", "Second."]);
    expect(world.calls.map(({ seq }) => seq)).toEqual([1, 2]);
    using recorded = recordingOf(world);
    await using again = await openWorld(ANTHROPIC, recorded.world);
    const [two, first] = ["task two", "task one"].map((text) => say(again, wire, text));
    expect([await two, await first]).toEqual(["Second.", "First."]);
    expect(again.server.served.requests).toBe(0);
    expect(again.divergence).toBeUndefined();
  });

  test("an answer that is not streamed is read by the wire's own library", async () => {
    await using world = await openWorld(ANTHROPIC, {
      script: () => ({ text: "Whole.", tool_calls: [ls] }),
    });
    const library = await world.library(wire);
    const prompt = toPrompt(QUESTION.turns, "nobody");
    const whole = await library.doGenerate({ prompt, tools: toTools(QUESTION.tools) });
    expect(whole.finishReason.unified).toBe("tool-calls");
    expect(whole.content).toMatchObject([
      { type: "text", text: "Whole." },
      { type: "tool-call", toolName: "bash", input: JSON.stringify(ls.arguments) },
    ]);
    const [call] = world.calls;
    expect(whole.usage.outputTokens.total).toBe(call?.output_tokens ?? Number.NaN);
    expect(whole.usage.inputTokens.total).toBe(call?.input_tokens ?? Number.NaN);
  });

  test("S4: neither the provider's key nor the token is in what is kept", async () => {
    await using world = await openWorld(OPENAI, {
      script: ({ n }) => ({
        text: `The key is ${WIRE_KEY}.`,
        ...(n === 1 ? { tool_calls: [ls] } : {}),
      }),
    });
    process.env.CANARY_API_KEY = WIRE_KEY;
    try {
      const program = await world.program(wire);
      const turns: ChatTurn[] = [
        ...QUESTION.turns,
        { role: "user", content: `token ${world.admission.token}` },
      ];
      const answer = await program.call({ ...QUESTION, turns }, never);
      const all = JSON.stringify([answer, world.lines(), world.exchanges]);
      expect(all).toContain("[redacted]");
      expect(all).not.toContain(WIRE_KEY);
      expect(all).not.toContain(world.admission.token);
    } finally {
      delete process.env.CANARY_API_KEY;
    }
  });
});
