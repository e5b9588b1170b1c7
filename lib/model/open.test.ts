// Owns the cases of models' names, and of adding usage up.
import { expect, test } from "bun:test";
import { UsageError } from "../fault.ts";
import { demoTask } from "../sandbox/task.fixture.ts";
import { addUsage, NO_USAGE } from "./model.ts";
import { checkModelName, openModel } from "./open.ts";

const BAD: [name: string, words: string][] = [
  ["", 'unknown model ""'],
  ["demo", 'unknown model "demo"'],
  ["replay", "replay/NAME"],
  ["replay/", "replay/NAME"],
  ["replay/a/b", "replay/NAME"],
  ["replay/..", "replay/NAME"],
  ["replay/a b", "replay/NAME"],
  ["reply/demo", 'did you mean "replay/demo"?'],
];
test.each(BAD)('"%s" is no model', (name, words) => {
  expect(() => checkModelName(name)).toThrow(UsageError);
  expect(() => checkModelName(name)).toThrow(words);
});

test.each(["replay/demo", "replay/my-model_1.2"])("%s is one", (name) => {
  expect(() => checkModelName(name)).not.toThrow();
});

test("the demo's recording opens, and a wrong name proposes it", async () => {
  const caller = {
    task_dir: demoTask().dir,
    setting: "coop",
    features: [1, 2],
    agent_id: "agent1",
  };
  expect((await openModel("replay/demo", caller)).name).toBe("replay/demo");
  await expect(openModel("replay/dmeo", caller)).rejects.toMatchObject({
    code: "recording_missing",
    hint: "did you mean replay/demo?",
  });
});

test("usage is summed kind by kind", () => {
  const one = { ...NO_USAGE, input_tokens: 1, output_tokens: 2, reasoning_tokens: 3 };
  const two = { ...NO_USAGE, input_tokens: 10, cache_read_tokens: 20, cache_write_tokens: 30 };
  expect(addUsage(one, two)).toEqual({
    input_tokens: 11,
    output_tokens: 2,
    cache_read_tokens: 20,
    cache_write_tokens: 30,
    reasoning_tokens: 3,
  });
});
