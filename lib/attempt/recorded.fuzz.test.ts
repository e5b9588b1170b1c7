import { afterAll, expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fuzz, isRefusal, unlessRefused } from "../core/fuzz.fixture.ts";
import { bytesLike, floods, jsonLike, noiseBytes, texts } from "../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { type CommandResult, packCommands, sameButForClocks, unpackCommands } from "./commands.ts";
import { readRecorded } from "./recorded.ts";

const command = fc.record({
  exit_code: fc.integer({ min: -1, max: 255 }),
  timed_out: fc.boolean(),
  oom_killed: fc.boolean(),
  dropped_bytes: fc.nat(),
  output: noiseBytes(80),
});

fuzz(
  "what commands gave comes back byte for byte",
  { runs: 3_500, input: fc.array(command, { maxLength: 4 }) },
  (commands) => {
    expect(unpackCommands(packCommands(commands), "x")).toEqual(commands);
  },
);

const LINE =
  '{"exit_code":0,"timed_out":false,"oom_killed":false,"dropped_bytes":0,"output":"aGVsbG8="}';
const FIELDS = [
  "exit_code",
  "timed_out",
  "oom_killed",
  "dropped_bytes",
  "output",
  "aGVsbG8=",
  "true",
];
const packed = Buffer.from(Bun.zstdCompressSync(`${LINE}\n${LINE}`)).toString("latin1");
const file = fc.oneof(
  bytesLike({ seeds: [packed] }),
  texts({
    seeds: [LINE, `${LINE}\n${LINE}`],
    tokens: [...FIELDS.map((name) => `"${name}":`), "\n", "{", "}", "1", ","],
  }).map((text) => Buffer.from(Bun.zstdCompressSync(text))),
  fc
    .array(jsonLike(FIELDS), { maxLength: 3 })
    .map((lines) =>
      Buffer.from(Bun.zstdCompressSync(lines.map((line) => JSON.stringify(line)).join("\n"))),
    ),
);
fuzz("a damaged file of them is refused or read", { runs: 10_500, input: file }, (bytes) => {
  const commands = unlessRefused(() => unpackCommands(bytes, "x"));
  for (const { exit_code, dropped_bytes, output } of commands ?? []) {
    expect(
      Number.isSafeInteger(exit_code) && Number.isSafeInteger(dropped_bytes) && dropped_bytes >= 0,
    ).toBe(true);
    expect(output).toBeInstanceOf(Uint8Array);
  }
});

const CLOCKS = [
  "2024-01-02T03:04:05.678Z",
  "12:34:56",
  "in 0.12s",
  "(5 ms)",
  "[1.5 sec]",
  "Mon, Jan 12",
  "/tandem-1/.tmp/12-3-x",
  "a1b2c3d",
  "..",
  "commit ",
  "now at ",
  "1234567",
  "[main ",
  "[",
  "]",
  " ",
  "\n",
  "3 µs",
  "1.",
  "9",
];
const output = texts({ tokens: CLOCKS });
const about = (words: string): CommandResult => ({
  exit_code: 0,
  timed_out: false,
  oom_killed: false,
  dropped_bytes: 0,
  output: Buffer.from(words),
});
fuzz(
  "the same output is the recorded one, another exit is the fresh one",
  { runs: 18_000, input: output },
  (words) => {
    const [recorded, fresh] = [about(words), { ...about(words), duration_ms: 7 }];
    expect(sameButForClocks(fresh, recorded)).toEqual({ ...recorded, duration_ms: 7 });
    expect(sameButForClocks({ ...fresh, exit_code: 1 }, recorded)).toEqual({
      ...fresh,
      exit_code: 1,
    });
    const other = { ...about(`${words}\n!`), duration_ms: 7 };
    expect(sameButForClocks(other, recorded)).toBe(other);
  },
);

fuzz("floods are compared in time", { runs: 400, input: floods(CLOCKS) }, (words) => {
  const fresh = { ...about(words), duration_ms: 7 };
  expect(sameButForClocks(fresh, about(words)).output).toEqual(fresh.output);
  sameButForClocks(fresh, about(`${words}!`));
});

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const attempt = { run: "r", repo: "a_task", task_id: 1, features: [1, 2], try: 1 };
const place = join(folder.path, "r/a_task/task1/features_1_2");
for (const agent of ["agent1", "solo"]) mkdirSync(join(place, agent), { recursive: true });

const ORDER = ["agent1 call", "agent1 send agent2", "agent2 receive", "../x y", "", " ", "/etc x"];
const order = texts({
  seeds: [JSON.stringify(ORDER), "[]"],
  tokens: [...ORDER.map((event) => JSON.stringify(event)), "[", "]", ","],
});
const fetches = fc.oneof(
  texts({
    seeds: ['[{"agent2":3},{"agent2":0}]'],
    tokens: ['"agent2":', "{", "}", "[", "]", "1", ",", '"__proto__":'],
  }),
  jsonLike(["agent2"]).map((value) => JSON.stringify(value)),
);
const files = fc.record({ order, fetches, commands: file, solo: fc.boolean() });
fuzz(
  "an attempt's files are read or refused",
  { runs: 1_800, input: files },
  ({ solo, ...given }) => {
    const agent = join(place, solo ? "solo" : "agent1");
    writeFileSync(join(place, "order.json"), given.order);
    writeFileSync(join(agent, "fetches.json"), given.fetches);
    writeFileSync(join(agent, "commands.jsonl.zst"), given.commands);
    try {
      const read = readRecorded(folder.path, { setting: solo ? "solo" : "coop" }, attempt);
      expect(read?.order.every((event) => typeof event === "string")).toBe(true);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  },
);
