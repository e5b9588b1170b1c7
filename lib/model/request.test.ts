import { expect, test } from "bun:test";
import type { ChatTurn } from "./model.ts";
import { sealAsked, sealRequest } from "./request.ts";

const turns: ChatTurn[] = [
  { role: "user", content: "Build it." },
  {
    role: "assistant",
    content: "",
    tool_calls: [{ id: "c1", name: "bash", arguments: { command: "ls" } }],
  },
  { role: "tool", tool_call_id: "c1", content: "a.ts" },
];
const tools = [{ name: "bash", description: "A shell.", parameters: { type: "object" } }];
const again = () => structuredClone(turns);

test("turns that were sealed once, here or there, are taken as they are", () => {
  const asked = sealAsked({ turns: again(), tools: structuredClone(tools) });
  const later = sealAsked({ turns: again(), tools: structuredClone(tools) }, asked);
  for (const [at, turn] of later.turns.entries()) expect(turn).toBe(asked.turns[at] as never);
  expect(later.tools).toBe(asked.tools);
  const told = { turns: later.turns.map(({ turn }) => turn), tools: later.tools };
  const request = sealRequest({ ...told, purpose: "step" }, {});
  for (const [at, turn] of request.turns.entries()) expect(turn).toBe(asked.turns[at] as never);
  expect(request.tools).toBe(asked.tools);
  expect(request.sha256).toBe(sealRequest({ turns, tools, purpose: "step" }, {}).sha256);
});

const OTHERS: [what: string, at: number, turn: ChatTurn][] = [
  ["a text", 0, { role: "user", content: "Build it!" }],
  ["a role", 0, { role: "system", content: "Build it." }],
  ["a result's text", 2, { role: "tool", tool_call_id: "c1", content: "b.ts" }],
  ["whose result it is", 2, { role: "tool", tool_call_id: "c2", content: "a.ts" }],
  [
    "arguments",
    1,
    {
      role: "assistant",
      content: "",
      tool_calls: [{ id: "c1", name: "bash", arguments: { command: "pwd" } }],
    },
  ],
  ["reasoning", 1, { role: "assistant", content: "", tool_calls: [], opaque: { parts: [1] } }],
];
test.each(OTHERS)("another request: %s", (_what, at, turn) => {
  const before = sealAsked({ turns, tools });
  const after = sealAsked({ turns: again().with(at, turn), tools }, before);
  expect(after.key).not.toBe(before.key);
  expect(after.turns[at]?.turn).toEqual(turn);
});
