import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { ask, callerOf, never } from "./gateway.fixture.ts";
import { openGateway } from "./gateway.ts";
import { NO_USAGE } from "./model.ts";

/** A task folder whose recording `demo` of agent1 in the pair 1, 2 has this text. */
function recorded(text: string, path = "demo/coop/features_1_2/agent1.jsonl") {
  const folder = temporaryFolder();
  const file = join(folder.path, "recordings", path);
  writeWhole(file, text);
  const free = { options: {}, call_timeout_ms: 1000 };
  return {
    file,
    async open(name = "demo") {
      const gateway = await openGateway({ model: `replay/${name}`, ...free });
      return gateway.open(callerOf({ task_dir: folder.path }));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const bash = (command: string) => ({ name: "bash", arguments: { command } });
const line = (call: object) => `${JSON.stringify(call)}\n`;

test("the n-th answer is the n-th line; what a line leaves out is nothing", async () => {
  using place = recorded(
    line({ answer: { text: "one", tool_calls: [bash("ls"), { ...bash("pwd"), id: "mine" }] } }) +
      line({ answer: {}, usage: { input_tokens: 5, output_tokens: 6 } }),
  );
  const model = await place.open();
  expect(model.name).toBe("replay/demo");
  expect(await model.complete(ask("x"), never)).toEqual({
    text: "one",
    tool_calls: [
      { ...bash("ls"), id: "call_1_1" },
      { ...bash("pwd"), id: "mine" },
    ],
    stop_reason: "tool calls",
    usage: NO_USAGE,
    cost_usd: 0,
    latency_ms: 0,
    retries: 0,
    waited_ms: 0,
  });
  expect(await model.complete(ask("x"), never)).toMatchObject({
    text: "",
    tool_calls: [],
    stop_reason: "stop",
    usage: { ...NO_USAGE, input_tokens: 5, output_tokens: 6 },
  });
});

test("the demo's recordings open", async () => {
  const free = { options: {}, call_timeout_ms: 1000 };
  const gateway = await openGateway({ model: "replay/demo", ...free });
  const model = await gateway.open(callerOf());
  const { tool_calls } = await model.complete(ask("x"), never);
  expect(tool_calls).not.toEqual([]);
  expect(gateway).toMatchObject({ prices: null, price_known: true, stopped: undefined });
});

test("one answer too many is a fault that tells how many there are", async () => {
  using place = recorded(line({ answer: { text: "only" } }));
  const model = await place.open();
  await model.complete(ask("x"), never);
  await expect(model.complete(ask("x"), never)).rejects.toMatchObject({
    code: "recording_exhausted",
    message: expect.stringContaining("holds 1 answers"),
  });
});

test("an aborted call throws the reason and uses no answer up", async () => {
  using place = recorded(line({ answer: { text: "only" } }));
  const model = await place.open();
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(model.complete(ask("x"), signal)).rejects.toThrow("stopped");
  expect((await model.complete(ask("x"), never)).text).toBe("only");
});

describe("a missing recording is a fault", () => {
  const CASES: [name: string, hint: string][] = [
    ["dmo", "did you mean replay/demo?"],
    ["nope", "its task has replay/demo"],
    ["something-else", "its task has replay/demo"],
  ];
  test.each(CASES)("%s", async (name, hint) => {
    using place = recorded(line({ answer: {} }));
    await expect(place.open(name)).rejects.toMatchObject({ code: "recording_missing", hint });
  });

  test("of another pair, under a name that exists: no other name is proposed", async () => {
    using place = recorded(line({ answer: {} }), "demo/coop/features_1_3/agent1.jsonl");
    await expect(place.open()).rejects.toMatchObject({
      code: "recording_missing",
      message: expect.stringContaining("features_1_2/agent1.jsonl"),
      hint: expect.not.stringContaining("did you mean"),
    });
  });
});

describe("a bad line is a fault that names file and line", () => {
  const good = line({ answer: {} });
  const CASES: [name: string, text: string, line_number: number, words: string][] = [
    ["no JSON", `${good}{"answer": {`, 2, "JSON"],
    ["behind blank lines", `\n${good}\n  \nnonsense\n`, 5, "JSON"],
    ["no answer", line({ usage: {} }), 1, "answer"],
    ["a negative count", line({ answer: {}, usage: { input_tokens: -1 } }), 1, "input_tokens"],
    [
      "a call without arguments",
      line({ answer: { tool_calls: [{ name: "bash" }] } }),
      1,
      "arguments",
    ],
  ];
  test.each(CASES)("%s", async (_, text, line_number, words) => {
    using place = recorded(text);
    await expect(place.open()).rejects.toMatchObject({
      code: "bad_file",
      message: expect.stringMatching(new RegExp(`agent1\\.jsonl:${line_number}: .*${words}`)),
    });
  });
});
