import { describe, expect, test } from "bun:test";
import { BASH } from "../provider/provider.fixture.ts";
import { answerOf, heldPort, WORDINGS } from "./held.fixture.ts";

describe("what a program's requests are for", () => {
  const { path, body } = WORDINGS.messages;
  const purposes = async (session: object, requests: readonly (readonly string[])[]) => {
    await using world = await heldPort(session);
    for (const [index, tools] of requests.entries()) {
      const asked = world.post(path(false), body(`request ${index}`, { tools }));
      (await world.next(index + 1)).resolve(answerOf());
      await asked;
    }
    return world.exchanges.map(({ request }) => request.purpose);
  };
  test.each([
    ["a title after the first step", {}, [["a", "b"], [], ["a", "b"]], ["step", "side", "step"]],
    ["a smaller call after the end", {}, [["a", "b"], ["a"]], ["step", "side"]],
    ["tools that are found later", {}, [["a"], ["a", "b"], ["a", "b"]], ["step", "step", "step"]],
    ["a program without tools", {}, [[], []], ["step", "step"]],
    [
      "a title first, where tools are known to come",
      { offers_tools: true },
      [[], ["a"]],
      ["side", "step"],
    ],
  ])("%s", async (_what, session, requests, expected) => {
    expect(await purposes(session, requests)).toEqual(expected as never);
  });

  type Step = {
    readonly asks: string;
    readonly tools: readonly string[];
    /** The call that the answer makes, and the text that it says. */
    readonly calls?: readonly [name: string, text: string];
    /** Results of calls so far, by number from 1, behind a conversation of its own. */
    readonly goes_on?: number;
    /** What the program wrote in the model's name before it asks. */
    readonly after?: string;
    readonly is: string;
  };
  const FIND = "Find where discounts are computed";
  const MAIN = ["bash", "edit", "task"];
  const begins: Step = { asks: "Build it", tools: MAIN, calls: ["task", FIND], is: "step" };
  const HELPERS: [what: string, steps: Step[]][] = [
    [
      "a helper that the program starts, its own tools fewer",
      [
        begins,
        {
          asks: `Context\n${FIND}`,
          tools: ["bash"],
          calls: ["bash", "grep"],
          is: "step of helper 1",
        },
        { asks: `Context\n${FIND}`, tools: ["bash"], goes_on: 2, is: "step of helper 1" },
        { asks: "Build it", tools: MAIN, goes_on: 1, is: "step" },
      ],
    ],
    [
      "a helper with all tools, and one that asks once more from the start",
      [
        begins,
        { asks: FIND, tools: MAIN, is: "step of helper 1" },
        { asks: FIND, tools: MAIN, is: "step of helper 1" },
        { asks: "Build it", tools: MAIN, goes_on: 1, is: "step" },
      ],
    ],
    [
      "a helper after words that the program wrote itself",
      [
        begins,
        { asks: FIND, after: "Got it.", tools: ["bash"], is: "step of helper 1" },
        { asks: FIND, after: "Got it.", tools: ["bash"], is: "step of helper 1" },
      ],
    ],
    [
      "a helper whose call has its result at once",
      [
        begins,
        { asks: "Build it", tools: MAIN, goes_on: 1, is: "step" },
        { asks: FIND, tools: ["bash"], is: "step of helper 1" },
      ],
    ],
    [
      "a helper of a helper",
      [
        begins,
        {
          asks: FIND,
          tools: ["bash", "task"],
          calls: ["task", "Read the whole file"],
          is: "step of helper 1",
        },
        { asks: "Read the whole file", tools: ["bash"], is: "step of helper 2" },
        { asks: FIND, tools: ["bash", "task"], goes_on: 2, is: "step of helper 1" },
      ],
    ],
    [
      "a title while a helper's call is open, and a check of a command without tools",
      [
        begins,
        { asks: "Title for: Build it", tools: ["note"], is: "side" },
        { asks: `Is this harmless? ${FIND}`, tools: [], is: "side" },
      ],
    ],
    [
      "a summary after the call's result, which repeats what it said",
      [
        begins,
        { asks: "Build it", tools: MAIN, goes_on: 1, is: "step" },
        { asks: `Summarise: ${FIND}`, tools: ["note"], is: "side" },
      ],
    ],
    [
      "a short text is in any prompt",
      [
        { ...begins, calls: ["bash", "ls"] },
        { asks: "What else is there?", tools: ["note"], is: "side" },
      ],
    ],
  ];
  test.each(HELPERS)("%s", async (_what, steps) => {
    await using world = await heldPort();
    for (const [index, { asks, tools, calls, goes_on, after }] of steps.entries()) {
      const made = goes_on === undefined ? undefined : steps[goes_on - 1]?.calls;
      const id = `c${goes_on}`;
      const context = [
        { role: "user", content: "Context" },
        { role: "assistant", content: after },
      ];
      const messages = [
        ...(after === undefined ? [] : context),
        { role: "user", content: asks },
        ...(made === undefined
          ? []
          : [
              {
                role: "assistant",
                content: [{ type: "tool_use", id, name: made[0], input: { text: made[1] } }],
              },
              {
                role: "user",
                content: [{ type: "tool_result", tool_use_id: id, content: "done" }],
              },
            ]),
      ];
      const offered = tools.map((name) => ({ name, input_schema: BASH.parameters }));
      const asked = world.post(path(false), {
        model: "m",
        max_tokens: 9,
        messages,
        tools: offered,
      });
      const call = calls && { id: `c${index + 1}`, name: calls[0], arguments: { text: calls[1] } };
      (await world.next(index + 1)).resolve(answerOf({ tool_calls: call ? [call] : [] }));
      await asked;
    }
    const told = world.exchanges.map(({ purpose, helper }) =>
      helper === undefined ? purpose : `${purpose} of helper ${helper}`,
    );
    expect(told).toEqual(steps.map(({ is }) => is));
  });

  test("a helper of the program's own, with fewer tools, goes on in steps", async () => {
    await using world = await heldPort();
    const main = world.post(path(false), body("main", { tools: ["bash", "edit"] }));
    (await world.next(1)).resolve(answerOf());
    await main;
    const messages = [
      { role: "user", content: "help" },
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "bash", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "done" }] },
    ];
    const tools = [{ name: "bash", input_schema: BASH.parameters }];
    const helper = world.post(path(false), { model: "m", max_tokens: 9, messages, tools });
    (await world.next(2)).resolve(answerOf());
    await helper;
    expect(world.exchanges.map(({ request }) => request.purpose)).toEqual(["step", "step"]);
  });
});
