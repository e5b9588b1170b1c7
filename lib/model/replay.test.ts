// Owns the cases of answering from a recording: what it reads, and how it fails.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeWhole } from "../files.ts";
import { temporaryFolder } from "../testing.ts";
import { NO_USAGE } from "./model.ts";
import { replayModel } from "./replay.ts";

const never = new AbortController().signal;

/** A task folder whose recording `demo` of agent1 in the pair 1, 2 has this text. */
function recorded(text: string, path = "demo/coop/features_1_2/agent1.jsonl") {
  const folder = temporaryFolder();
  const file = join(folder.path, "recordings", path);
  writeWhole(file, text);
  const caller = { setting: "coop", features: [1, 2], agent_id: "agent1" };
  return {
    file,
    open: (name = "demo") => replayModel(name, { ...caller, task_dir: folder.path }),
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
  const model = place.open();
  expect(model.name).toBe("replay/demo");
  expect(await model.complete([], never)).toEqual({
    text: "one",
    tool_calls: [
      { ...bash("ls"), id: "call_1_1" },
      { ...bash("pwd"), id: "mine" },
    ],
    usage: NO_USAGE,
    cost_usd: 0,
    latency_ms: 0,
  });
  expect(await model.complete([], never)).toMatchObject({
    text: "",
    tool_calls: [],
    usage: { ...NO_USAGE, input_tokens: 5, output_tokens: 6 },
  });
});

test("one answer too many is a fault that tells how many there are", async () => {
  using place = recorded(line({ answer: { text: "only" } }));
  const model = place.open();
  await model.complete([], never);
  await expect(model.complete([], never)).rejects.toMatchObject({
    code: "recording_exhausted",
    message: expect.stringContaining("holds 1 answers"),
  });
});

test("an aborted call throws the reason and uses no answer up", async () => {
  using place = recorded(line({ answer: { text: "only" } }));
  const model = place.open();
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(model.complete([], signal)).rejects.toThrow("stopped");
  expect((await model.complete([], never)).text).toBe("only");
});

describe("a missing recording is a fault", () => {
  const CASES: [name: string, hint: string][] = [
    ["dmo", "did you mean replay/demo?"],
    ["something-else", "did you mean replay/demo?"],
  ];
  test.each(CASES)("%s", (name, hint) => {
    using place = recorded(line({ answer: {} }));
    expect(() => place.open(name)).toThrow(
      expect.objectContaining({ code: "recording_missing", hint }),
    );
  });

  test("of another pair, under a name that exists: no other name is proposed", () => {
    using place = recorded(line({ answer: {} }), "demo/coop/features_1_3/agent1.jsonl");
    expect(() => place.open()).toThrow(
      expect.objectContaining({
        code: "recording_missing",
        message: expect.stringContaining("features_1_2/agent1.jsonl"),
        hint: expect.not.stringContaining("did you mean"),
      }),
    );
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
  test.each(CASES)("%s", (_, text, line_number, words) => {
    using place = recorded(text);
    expect(() => place.open()).toThrow(
      expect.objectContaining({
        code: "bad_file",
        message: expect.stringMatching(new RegExp(`agent1\\.jsonl:${line_number}: .*${words}`)),
      }),
    );
  });
});
