import { describe, expect, test } from "bun:test";
import type { ChatTurn, ModelRequest } from "../model.ts";
import type { RawAnswer } from "../provider/contract.ts";
import { BASH, never, PROVIDERS, QUESTION } from "../provider/provider.fixture.ts";
import type { Scripted } from "../wire/script.fixture.ts";
import { WIRE_NAMES } from "../wire/wire.ts";
import { openWorld } from "./port.fixture.ts";

const ls = { name: "bash", arguments: { command: "ls" } };
const pwd = { name: "bash", arguments: { command: "pwd" } };

const said = (answer: RawAnswer): ChatTurn => ({
  role: "assistant",
  content: answer.text,
  tool_calls: answer.tool_calls,
  ...(answer.opaque === undefined ? {} : { opaque: answer.opaque }),
});
const after = (request: ModelRequest, answer: RawAnswer, result = "README.md"): ModelRequest => ({
  ...request,
  turns: [
    ...request.turns,
    said(answer),
    ...answer.tool_calls.map(
      ({ id }): ChatTurn => ({ role: "tool", tool_call_id: id, content: result }),
    ),
  ],
});

describe.each(WIRE_NAMES)("%s in front", (wire) => {
  describe.each(PROVIDERS)("$model behind", (known) => {
    /** A program's one question, answered by the script in turn. */
    const played = async (...answers: Scripted[]) => {
      const world = await openWorld(known, {
        script: ({ n }) => answers[n - 1] ?? { status: 500 },
      });
      return { world, program: await world.program(wire) };
    };

    test("S2: text", async () => {
      const { world, program } = await played({ text: "Hello, wörld." });
      await using _world = world;
      const answer = await program.call(QUESTION, never);
      expect(answer).toMatchObject({ text: "Hello, wörld.", tool_calls: [], stop_reason: "stop" });
      expect(world.server.asked[0]).toMatchObject({ turns: QUESTION.turns, tools: ["bash"] });
      const [call] = world.calls;
      expect(call).toMatchObject({ purpose: "step", stop_reason: "stop" });
      expect(answer.usage?.output_tokens).toBe(call?.output_tokens);
      expect(world.server.refused).toEqual([]);
    });

    test("S2: parallel calls, their results, and the end", async () => {
      const { world, program } = await played(
        { text: "I look.", tool_calls: [ls, pwd] },
        { text: "Done." },
      );
      await using _world = world;
      const first = await program.call(QUESTION, never);
      expect(first).toMatchObject({
        text: "I look.",
        stop_reason: "tool calls",
        tool_calls: [ls, pwd],
      });
      expect(new Set(first.tool_calls.map(({ id }) => id)).size).toBe(2);
      const next = after(QUESTION, first);
      expect(await program.call(next, never)).toMatchObject({ text: "Done.", stop_reason: "stop" });
      expect(world.server.asked[1]?.turns.map(({ role }) => role)).toEqual([
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
      ]);
      expect(world.server.refused).toEqual([]);
      expect(world.calls).toHaveLength(2);
    });

    test("S2: reasoning goes back as it came", async () => {
      const answers = [
        { reasoning: "Where am I?", tool_calls: [ls] },
        { reasoning: "So here.", text: "Now this.", tool_calls: [pwd] },
        { text: "Done." },
      ];
      const { world, program } = await played(...answers);
      await using _world = world;
      const first = await program.call(QUESTION, never);
      const second = await program.call(after(QUESTION, first), never);
      const third = after(after(QUESTION, first), second);
      expect(await program.call(third, never)).toMatchObject({ text: "Done." });
      // Providers that sign their reasoning refuse its absence.
      expect(world.server.refused).toEqual([]);
      const kept = world.exchanges.map(({ answer }) => answer.opaque).slice(0, 2);
      const back = world.exchanges[2]?.request.turns.flatMap((turn) =>
        turn.role === "assistant" ? [turn.opaque] : [],
      );
      expect(back).toEqual(kept);
    });

    test("S2: arguments that are no JSON", async () => {
      const broken = { name: "bash", arguments: '{"command": "ls' };
      const { world, program } = await played({ tool_calls: [broken] }, { text: "Again." });
      await using _world = world;
      const first = await program.call(QUESTION, never);
      const told = world.exchanges[0]?.answer.tool_calls ?? [];
      expect(JSON.stringify(first.tool_calls)).toContain(told.length === 0 ? "[]" : "ls");
      await program.call(after(QUESTION, first, "the arguments are no JSON"), never);
      const back = world.exchanges[1]?.request.turns.flatMap((turn) =>
        turn.role === "assistant" ? turn.tool_calls : [],
      );
      expect(back).toEqual(told as never);
    });

    test.each([
      ["a cut stream", "cut" as const],
      ["429", { status: 429, headers: { "retry-after": "2" } }],
      ["an overloaded server", "overloaded" as const],
    ])("S2: %s, then an answer: one call", async (_what, trouble) => {
      const { world, program } = await played(trouble, { text: "At last." });
      await using _world = world;
      expect(await program.call(QUESTION, never)).toMatchObject({ text: "At last." });
      expect(world.calls.filter(({ stop_reason }) => stop_reason === "stop")).toHaveLength(1);
      expect(world.server.served.requests).toBe(2);
    });

    test.each(["filtered", "length"] as const)(
      "S2: an answer that ends as %s",
      async (stop_reason) => {
        const { world, program } = await played({ text: "Half", stop_reason });
        await using _world = world;
        expect(await program.call(QUESTION, never)).toMatchObject({ text: "Half", stop_reason });
      },
    );

    test("S2: a refused key ends the program at once, and is told why", async () => {
      const { world, program } = await played({ status: 401 });
      await using _world = world;
      const failed = program.call(QUESTION, never);
      await expect(failed).rejects.toThrow(/refuses|key/);
      expect(world.admission.failure).toMatchObject({ code: "model_auth" });
      await expect(
        program.call({ ...QUESTION, tools: [BASH, { ...BASH, name: "other" }] }, never),
      ).rejects.toThrow();
      expect(world.server.served.requests).toBe(1);
    });
  });
});
