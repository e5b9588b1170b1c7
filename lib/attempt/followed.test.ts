import { expect, test } from "bun:test";
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import { type FollowedStep, followed } from "../model/followed.ts";
import { type ChatTurn, NO_USAGE } from "../model/model.ts";
import { sealRequest } from "../model/request.ts";
import { forgetSteps, noteStep, readSteps, stampOf } from "./followed.ts";

const KEY = "s/demo_task/task1/features_1_2";
const asked = (step: number, turns: readonly ChatTurn[], text = "", command?: string) =>
  followed(step, {
    request: sealRequest({ turns, tools: [], purpose: "step" }, {}),
    answer: {
      text,
      tool_calls: command === undefined ? [] : [{ id: "1", name: "bash", arguments: { command } }],
    },
    ...{ usage: { ...NO_USAGE, input_tokens: 7 }, latency_ms: 5, cost_usd: null },
    asked_at: "2026-01-01T00:00:00.000Z",
  });
const OPENING: readonly ChatTurn[] = [
  { role: "system", content: "You work." },
  { role: "user", content: "Build it." },
];
const SAID: ChatTurn = { role: "assistant", content: "I look.", tool_calls: [] };

test("Live: a step holds what was told since the answer before, and the answer", () => {
  const first = asked(1, OPENING, "I look.", "ls");
  expect(first.turns.map(({ role, step }) => [role, step])).toEqual([
    ["system", 1],
    ["user", 1],
    ["assistant", 1],
  ]);
  const seen: ChatTurn = { role: "tool", tool_call_id: "1", content: "a\nb" };
  const second = asked(2, [...OPENING, SAID, seen], "Done.");
  expect(second.turns).toEqual([
    { role: "tool", content: "a\nb", step: 1 },
    { role: "assistant", content: "Done.", tool_calls: [], step: 2 },
  ]);
});

test("Live: long texts are cut in their middle, also in commands", () => {
  const long = `${"a".repeat(9000)}end`;
  const step = asked(1, [{ role: "user", content: long }], "", long);
  for (const text of [step.turns[0]?.content, step.turns[1]?.tool_calls?.[0]?.arguments.command]) {
    expect(String(text)).toHaveLength(6000 + "\n⋯ 3003 characters left out ⋯\n".length);
    expect(String(text)).toEndWith("end");
  }
});

test("Live: a record is read while it is written, and is gone when it is forgotten", () => {
  using folder = temporaryFolder();
  const note = (step: FollowedStep) =>
    noteStep(folder.path, KEY, { ...step, agent_id: `agent${step.step}` });
  expect(readSteps(folder.path, KEY)).toEqual({ lines: [], stamp: "" });
  note(asked(1, OPENING, "one"));
  const before = stampOf(folder.path, KEY);
  note(asked(2, OPENING, "two"));
  const [name = ""] = readdirSync(join(folder.path, ".under-way"));
  appendFileSync(join(folder.path, ".under-way", name), '{"agent_id":"agent1","st');
  const { lines, stamp } = readSteps(folder.path, KEY);
  expect(lines.map(({ agent_id, step }) => [agent_id, step])).toEqual([
    ["agent1", 1],
    ["agent2", 2],
  ]);
  expect(stamp).not.toBe(before);
  forgetSteps(folder.path, KEY);
  forgetSteps(folder.path, KEY);
  expect(readSteps(folder.path, KEY)).toEqual({ lines: [], stamp: "" });
});

test("Live: where the record cannot be written, the work goes on", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, ".under-way"), "a file in the way");
  noteStep(folder.path, KEY, { ...asked(1, OPENING), agent_id: "agent1" });
  expect(readSteps(folder.path, KEY).lines).toEqual([]);
});
