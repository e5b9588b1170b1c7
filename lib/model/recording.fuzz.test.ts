import { afterAll, expect } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fuzz, fuzzAsync, unlessRefused } from "../core/fuzz.fixture.ts";
import { bytesLike, floods, jsonLike, recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { openCache } from "./cache.ts";
import { type ChatTurn, NO_USAGE } from "./model.ts";
import { type Answered, type RecordedCall, readRecording, recordLines } from "./recording.ts";
import { openReplay } from "./replay.ts";
import { canonicalJson, sealRequest } from "./request.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const WORDS =
  "answer text tool_calls id name arguments malformed stop_reason opaque usage input_tokens cost_usd request sha256 keep add tools purpose options role content user tool assistant step stop".split(
    " ",
  );
const text = texts({ tokens: ["a", "é", "\n", "\ud800"] });
const call = fc.record({ id: text, name: text, arguments: recordLike(["command"]) });
const turn: fc.Arbitrary<ChatTurn> = fc.oneof(
  fc.record({ role: fc.constantFrom("system", "user"), content: text }),
  fc.record({ role: fc.constant("tool"), tool_call_id: text, content: text }),
  fc.record({
    role: fc.constant("assistant"),
    content: text,
    tool_calls: fc.array(call, { maxLength: 2 }),
  }),
);
const answered: fc.Arbitrary<Answered> = fc.record({
  answer: fc.record({
    text,
    tool_calls: fc.array(call, { maxLength: 2 }),
    stop_reason: fc.constantFrom("stop", "tool calls", "other"),
  }),
  usage: fc.nat().map((input_tokens) => ({ ...NO_USAGE, input_tokens })),
  cost_usd: fc.constantFrom(null, 0, 0.25),
  latency_ms: fc.nat(),
  retries: fc.nat(5),
  source: fc.constantFrom("provider", "cache"),
  response_model: fc.constantFrom(null, "m"),
});
const calls = fc
  .array(fc.tuple(answered, fc.array(turn, { maxLength: 3 })), { maxLength: 3 })
  .map((all) => {
    const done: RecordedCall[] = [];
    for (const [given, turns] of all) {
      const before = done.at(-1)?.request;
      const all = [...(before?.turns ?? []).map((sealed) => sealed.turn), ...turns];
      done.push({
        ...given,
        request: sealRequest({ turns: all, tools: [], purpose: "step" }, {}, before),
      });
    }
    return done;
  });

const path = join(folder.path, "calls.jsonl");
fuzz(
  "calls that are recorded are read again as they were",
  { runs: 1_000, input: calls },
  (recorded) => {
    writeFileSync(path, recordLines(recorded));
    const read = readRecording(path);
    expect(recordLines(read)).toBe(recordLines(recorded));
  },
);

const DEMO = join(
  import.meta.dir,
  "../../dataset/demo_task/task1/recordings/demo/coop/features_2_4",
);
const LINE =
  '{"request":{"sha256":"x","keep":0,"add":[{"role":"user","content":"a"}],"purpose":"step","options":{}},"answer":{"text":"hi","tool_calls":[{"id":"1","name":"bash","arguments":{"command":"ls"}}],"stop_reason":"stop"},"usage":{"input_tokens":3},"cost_usd":null}';
const seeds = [
  LINE,
  `${LINE}\n${LINE}`,
  ...["agent1", "agent2"].map((agent) => readFileSync(join(DEMO, `${agent}.jsonl`), "utf8")),
];
const tokens = [
  ...WORDS.map((word) => `"${word}":`),
  ...WORDS.map((word) => `"${word}"`),
  "{",
  "}",
  "[",
  "]",
  ",",
  "\n",
  "1",
  "null",
];
const lines = fc.oneof(
  texts({ seeds, tokens }),
  fc
    .array(recordLike(WORDS), { maxLength: 3 })
    .map((all) => all.map((one) => JSON.stringify(one)).join("\n")),
  recordLike(WORDS).map((answer) => JSON.stringify({ answer })),
);
fuzz(
  "a damaged recording is refused or replayed, and a replay says in short where it differs",
  { runs: 8_400, input: lines },
  (content) => {
    writeFileSync(path, content);
    const request = sealRequest(
      { turns: [{ role: "user", content: "?" }], tools: [], purpose: "step" },
      {},
    );
    unlessRefused(() => {
      const replay = openReplay(path, "agent1", () => undefined);
      const { usage, cost_usd } = replay.answer(request);
      expect(Object.values(usage).every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(
        true,
      );
      expect(cost_usd === null || cost_usd >= 0).toBe(true);
      expect((replay.divergence?.what ?? "").length).toBeLessThan(4_000);
      replay.answer(request);
    });
  },
);

fuzz(
  "depth and floods are read in time",
  {
    runs: 60,
    input: floods([
      '"',
      "[",
      "{",
      '{"a":',
      "]",
      "\\u0000",
      "\n",
      '{"answer":{"opaque":[',
      '{"answer":{"tool_calls":[{"name":"x","arguments":{"a":',
    ]),
  },
  (content) => {
    writeFileSync(path, content);
    unlessRefused(() => readRecording(path));
    const depth = Math.floor(content.length / 2);
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const call = `{"id":"1","name":"bash","arguments":{"a":${deep}}}`;
    const turn = `{"role":"assistant","content":"","tool_calls":[${call}]}`;
    for (const line of [
      `{"answer":{"opaque":${deep}}}`,
      `{"answer":{"tool_calls":[${call}]}}`,
      `{"answer":{},"request":{"sha256":"x","keep":0,"purpose":"step","add":[${turn}]}}`,
    ]) {
      writeFileSync(path, line);
      unlessRefused(() => readRecording(path));
    }
  },
);

fuzz(
  "canonical JSON is JSON, and the same for the same value",
  { runs: 21_000, input: jsonLike(WORDS) },
  (value) => {
    const made = canonicalJson(value);
    expect(canonicalJson(JSON.parse(made))).toBe(made);
    expect(Bun.deepEquals(JSON.parse(made), JSON.parse(JSON.stringify(value) ?? "null"))).toBe(
      true,
    );
  },
);

const KEY = "ab".repeat(32);
const kept = Bun.zstdCompressSync(
  JSON.stringify({ key: KEY, answer: { text: "one", tool_calls: [], stop_reason: "stop" } }),
);
const entry = fc.oneof(
  bytesLike({ seeds: [Buffer.from(kept).toString("latin1")] }),
  recordLike(WORDS).map((answer) =>
    Buffer.from(Bun.zstdCompressSync(JSON.stringify({ answer, key: KEY }))),
  ),
  answered.map((other) =>
    Buffer.from(Bun.zstdCompressSync(JSON.stringify({ ...other, key: "cd".repeat(32) }))),
  ),
);
mkdirSync(join(folder.path, "ab"));
fuzzAsync(
  "a damaged entry of the cache is replaced, never passed on",
  { runs: 1_400, input: entry },
  async (bytes) => {
    const file = join(folder.path, "ab", `${KEY}.json.zst`);
    writeFileSync(file, bytes);
    const cache = openCache(folder.path, () => undefined);
    const fresh: Answered = {
      answer: { text: "new", tool_calls: [], stop_reason: "stop" },
      usage: NO_USAGE,
      cost_usd: null,
      latency_ms: 1,
      retries: 0,
      source: "provider",
      response_model: null,
    };
    const signal = new AbortController().signal;
    const { answered, hit } = await cache.through({ key: KEY, signal, ask: async () => fresh });
    if (!hit) expect(answered).toEqual(fresh);
    expect(hit && isOfOtherKey(bytes)).toBe(false);
    expect((await cache.through({ key: KEY, signal, ask: async () => fresh })).hit).toBe(true);
    expect(
      Object.values(answered.usage).every((count) => Number.isSafeInteger(count) && count >= 0),
    ).toBe(true);
  },
);

function isOfOtherKey(bytes: Buffer): boolean {
  return Buffer.from(Bun.zstdDecompressSync(bytes)).includes("cdcdcdcd");
}
