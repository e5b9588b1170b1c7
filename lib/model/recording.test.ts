import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { writeWhole } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { type ChatTurn, type ModelRequest, NO_USAGE, type Tool } from "./model.ts";
import { packRecording, type RecordedCall, readRecording, recordLines } from "./recording.ts";
import { canonicalJson, sealRequest } from "./request.ts";

const user = (content: string): ChatTurn => ({ role: "user", content });
const BASH: Tool = { name: "bash", description: "runs", parameters: { type: "object" } };
const ODD_ARGUMENTS = JSON.parse('{"command": "ls", "__proto__": 1, "b": [null, 1.5]}');
const SAID = {
  role: "assistant" as const,
  content: "\ud800 half a character, ünïcode \u2028",
  tool_calls: [
    { id: "1", name: "bash", arguments: ODD_ARGUMENTS },
    { id: "2", name: "bash", arguments: {}, malformed: '{"comm' },
  ],
  opaque: { signature: "abc", nested: [{ deep: true }] },
};
const SEEN: ChatTurn = { role: "tool", tool_call_id: "1", content: "a\nb" };

/** Recorded calls with these requests, each sealed after the one before. */
function callsOf(requests: readonly Partial<ModelRequest>[], options = {}): RecordedCall[] {
  const calls: RecordedCall[] = [];
  for (const fields of requests) {
    const request = { turns: [], tools: [BASH], purpose: "step", ...fields } as const;
    calls.push({
      request: sealRequest(request, options, calls.at(-1)?.request),
      answer: { text: "so", tool_calls: SAID.tool_calls, stop_reason: "length", opaque: [1] },
      usage: { ...NO_USAGE, input_tokens: 7 },
      cost_usd: null,
      latency_ms: 12,
      retries: 1,
      source: "provider",
      response_model: "some-2026",
    });
  }
  return calls;
}

/** The calls after a way over the disk, and the lines as they stood there. */
function overDisk(calls: readonly RecordedCall[]) {
  using folder = temporaryFolder();
  const path = join(folder.path, "calls.jsonl");
  const text = recordLines(calls);
  writeWhole(path, text);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { read: readRecording(path), lines };
}

const START = [user("system"), user("task")];
const LONGER = [...START, SAID, SEEN];
const COMPACTED = [...START, user("what was"), SEEN];
const CASES: [name: string, requests: Partial<ModelRequest>[], parts: object[]][] = [
  ["grows", [{ turns: START }, { turns: LONGER }], [{ keep: 0 }, { keep: 2, add: [SAID, SEEN] }]],
  ["is asked again", [{ turns: START }, { turns: START }], [{ keep: 0 }, { keep: 2, add: [] }]],
  [
    "is compacted",
    [{ turns: LONGER }, { turns: COMPACTED }],
    [{ keep: 0 }, { keep: 2, add: [user("what was"), SEEN] }],
  ],
  [
    "is interrupted by a summary",
    [
      { turns: LONGER },
      { turns: [user("sum up")], tools: [], purpose: "summary" },
      { turns: LONGER },
    ],
    [{ tools: [BASH] }, { keep: 0, tools: [], purpose: "summary" }, { keep: 0, tools: [BASH] }],
  ],
  ["shrinks", [{ turns: LONGER }, { turns: START }], [{ keep: 0 }, { keep: 2, add: [] }]],
];
describe("a conversation that", () => {
  test.each(CASES)("%s is whole again when it is read", (_, requests, parts) => {
    const calls = callsOf(requests, { temperature: 0.5 });
    const { read, lines } = overDisk(calls);
    expect(read).toEqual(calls);
    expect(lines.map(({ request }) => request)).toMatchObject(parts);
  });
});

test("tools stand where they change, options in the first line", () => {
  const { lines } = overDisk(callsOf([{ turns: START }, { turns: LONGER }], { seed: 1 }));
  expect(lines.map(({ request }) => Object.keys(request).sort())).toEqual([
    ["add", "keep", "options", "purpose", "sha256", "tools"],
    ["add", "keep", "purpose", "sha256"],
  ]);
});

test("every turn of a long conversation is written once", () => {
  const turns = Array.from({ length: 300 }, (_, n) => user(`turn ${n} ${"x".repeat(1000)}`));
  const requests = turns.map((_, n) => ({ turns: turns.slice(0, n + 1) }));
  const text = recordLines(callsOf(requests));
  expect(text.length).toBeLessThan(300 * 2000);
});

test("what an agent notes on its turns, or changes in them later, is not in the record", () => {
  const turn = { role: "user" as const, content: "before", step: 3, at: "noon" };
  const [call] = callsOf([{ turns: [turn] }]);
  turn.content = "after";
  expect(call?.request?.turns.map((sealed) => sealed.turn)).toEqual([user("before")]);
  expect(call?.request?.sha256).toBe(callsOf([{ turns: [user("before")] }])[0]?.request?.sha256);
});

describe("the hash", () => {
  const base: ModelRequest = { turns: [user("a"), SAID, SEEN], tools: [BASH], purpose: "step" };
  const hash = (fields: Partial<ModelRequest>, options = {}) =>
    sealRequest({ ...base, ...fields }, options).sha256;
  const OTHERS: [name: string, hash: string][] = [
    ["a turn", hash({ turns: [user("b"), SAID, SEEN] })],
    ["a role", hash({ turns: [{ role: "system", content: "a" }, SAID, SEEN] })],
    ["a call's argument", hash({ turns: [user("a"), { ...SAID, tool_calls: [] }, SEEN] })],
    ["what only the provider reads", hash({ turns: [user("a"), { ...SAID, opaque: 1 }, SEEN] })],
    ["whose answer it is", hash({ turns: [user("a"), SAID, { ...SEEN, tool_call_id: "2" }] })],
    ["a tool", hash({ tools: [{ ...BASH, description: "walks" }] })],
    ["the purpose", hash({ purpose: "summary" })],
    ["an option", hash({}, { temperature: 0 })],
    ["two turns in one", hash({ turns: [user("a\nb")] })],
  ];
  test.each(OTHERS)("tells %s", (_, other) => expect(other).not.toBe(hash({})));
  test("of each is its own", () =>
    expect(new Set(OTHERS.map(([, it]) => it)).size).toBe(OTHERS.length));

  test("does not tell the order of an object's keys, nor fields that are undefined", () => {
    expect(hash({}, { seed: 1, top_p: 2 })).toBe(
      hash({}, { top_p: 2, seed: 1, temperature: undefined }),
    );
    expect(canonicalJson({ b: [undefined, { d: 1, c: undefined }], a: "é" })).toBe(
      '{"a":"é","b":[null,{"d":1}]}',
    );
  });
});

test("JSON that is nested without end is a fault, not a stack overflow", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  expect(canonicalJson(nested(900))).toHaveLength(1_800);
  expect(() => canonicalJson(nested(50_000))).toThrow("levels deep");
});

describe("a line that is no record is a fault that names file and line", () => {
  const [first = {}, second = {}] = overDisk(callsOf([{ turns: START }, { turns: LONGER }])).lines;
  const line = (...calls: object[]) => calls.map((call) => JSON.stringify(call)).join("\n");
  const changed = (fields: object) => ({ ...second, request: { ...second.request, ...fields } });
  const BAD: [name: string, text: string, line_number: number, words: string][] = [
    ["a turn was changed", line(first, changed({ add: [user("other"), SEEN] })), 2, "sha256"],
    ["a line is missing", line(second), 1, "keep is 2"],
    ["an unknown role", line(first, changed({ add: [{ role: "bot", content: "" }] })), 2, "role"],
    ["a wrong purpose", line(changed({ purpose: "fun" })), 1, "purpose"],
    [
      "arguments that are a list",
      line({ answer: { tool_calls: [{ name: "x", arguments: [] }] } }),
      1,
      "arguments",
    ],
    ["broken off", `${line(first)}\n${line(second).slice(0, -20)}`, 2, "JSON"],
  ];
  test.each(BAD)("%s", (_, text, line_number, words) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "calls.jsonl");
    writeWhole(path, text);
    expect(() => readRecording(path)).toThrow(
      expect.objectContaining({
        code: "bad_file",
        message: expect.stringMatching(new RegExp(`calls\\.jsonl:${line_number}: .*${words}`)),
      }),
    );
  });
});

test("compressed it reads the same; damaged or cut off it is a fault that names the file", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "calls.jsonl.zst");
  const lines = recordLines(callsOf([{ turns: START }, { turns: LONGER }]));
  const packed = packRecording(lines);
  writeWhole(path, packed);
  writeWhole(join(folder.path, "calls.jsonl"), lines);
  expect(readRecording(path)).toEqual(readRecording(join(folder.path, "calls.jsonl")));
  for (const bytes of [packed.subarray(0, -1), packed.subarray(0, 3), Buffer.from(lines)]) {
    writeWhole(path, bytes);
    expect(() => readRecording(path)).toThrow(
      expect.objectContaining({ code: "bad_file", message: `${path} is damaged` }),
    );
  }
});
