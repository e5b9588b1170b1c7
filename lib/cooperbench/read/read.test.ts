import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { cpuMs, temporaryFolder } from "../../core/testing.ts";
import { coopPair, MESSAGES, soloPair, under, writeTree } from "../tree.fixture.ts";
import { parseJson, readBounded } from "./bytes.ts";
import { readSays, settingSaid } from "./result.ts";
import { moment } from "./time.ts";
import { readTranscript, writeTranscript } from "./transcript.ts";
import { readVerdict } from "./verdict.ts";
import { walkLogs } from "./walk.ts";

describe("a time", () => {
  test.each([
    [1_760_000_000.25, "2025-10-09T08:53:20.250Z"],
    [1_760_000_000_250, "2025-10-09T08:53:20.250Z"],
    ["1760000000.25", "2025-10-09T08:53:20.250Z"],
    ["2026-01-31T12:00:00.123456", "2026-01-31T12:00:00.123Z"],
    ["2026-01-31 12:00:00", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.500Z"],
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
    [12.5, null],
    [-1, null],
    [1e300, null],
    [Number.NaN, null],
    ["yesterday", null],
    ["2026-13-31T12:00:00", null],
    [null, null],
    [undefined, null],
    [{}, null],
  ])("%j is %s", (value, expected) => {
    expect(moment(value)).toBe(expected);
  });
});

describe("JSON", () => {
  test.each([
    ['{"a": NaN, "b": [-Infinity, "NaN \\" Infinity"]}', { a: null, b: [null, 'NaN " Infinity'] }],
    ["null", null],
    ['{"__proto__": {"polluted": 1}}', JSON.parse('{"__proto__": {"polluted": 1}}')],
  ])("%s is read", (text, value) => {
    expect(parseJson(Buffer.from(text))).toEqual({ value });
    expect("polluted" in {}).toBe(false);
  });

  test.each([
    ["", "is not complete JSON (0 bytes): ignored"],
    ['{"a": 1, "b"', "is not complete JSON (12 bytes): ignored"],
    ["[".repeat(9000) + "]".repeat(9000), "is nested more than 200 levels deep: ignored"],
    ["[".repeat(3_000_000), "is not complete JSON (3000000 bytes): ignored"],
  ])("that is none is a problem", (text, problem) => {
    expect(parseJson(Buffer.from(text))).toEqual({ problem });
  });

  test.each([
    ["quotes", `{${'"'.repeat(2_000_000)}`],
    ["escaped quotes", `{${'\\"'.repeat(1_000_000)}`],
    ["quotes and NaN", `{"a": NaN, ${'"'.repeat(2_000_001)}`],
    ["a string that does not end, and NaN", `[NaN, "${"x\\\\".repeat(700_000)}`],
  ])("S10: two million bytes of %s are refused at once", (_, text) => {
    let problem: string | undefined;
    const took_ms = cpuMs(() => {
      ({ problem } = parseJson(Buffer.from(text)));
    });
    expect(problem).toMatch(/is not complete JSON/);
    expect(took_ms).toBeLessThan(2000);
  });

  test("that is no UTF-8 is read, and said", () => {
    const read = parseJson(
      Buffer.concat([Buffer.from('"'), Buffer.from([0xff]), Buffer.from('"')]),
    );
    expect(read).toEqual({
      value: "\ufffd",
      problem: "is not valid UTF-8: invalid bytes were replaced",
    });
  });
});

test("links, pipes, folders and huge files are not read", () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  writeFileSync(at("secret"), "outside");
  symlinkSync(at("secret"), at("link"));
  writeFileSync(at("huge"), "");
  truncateSync(at("huge"), 2 ** 30);
  mkdirSync(at("folder"));
  expect(Bun.spawnSync(["mkfifo", at("pipe")]).success).toBe(true);
  expect(["link", "huge", "folder", "pipe", "absent"].map((name) => readBounded(at(name)))).toEqual(
    [
      { problem: "is a symbolic link: not followed" },
      { problem: "has 1024 MiB, more than 64: ignored", size_bytes: 2 ** 30 },
      { problem: "is not a regular file: ignored" },
      { problem: "is not a regular file: ignored" },
      { problem: "cannot be read (ENOENT): ignored" },
    ],
  );
});

describe("an eval.json", () => {
  const feature = { feature_id: 1, passed: true };
  const identical = { passed: true, output: "3 passed", exit_code: 0, tests_passed: 3 };
  test.each([
    ["0.0.14, coop", coopPair([1, 2])["eval.json"].json, [true, "clean", "naive"]],
    ["0.0.14, solo", soloPair([1, 2])["eval.json"].json, [false, null, null]],
    [
      "0.0.14, united",
      { both_passed: false, merge: { status: "conflicts", strategy: "union" } },
      [false, "conflicts", "union"],
    ],
    [
      "0.0.16, identical patches",
      {
        merge: { status: "identical", strategy: "skip-merge-identical" },
        feature1: identical,
        feature2: identical,
      },
      [true, "identical", "skip-merge-identical"],
    ],
    [
      "0.0.16, one patch",
      { both_passed: true, merge: { status: "conflicts", strategy: "solo-agent1" } },
      [true, "conflicts", "solo-agent1"],
    ],
    [
      "ours",
      {
        merge: { naive: "conflicts", union: "clean" },
        policies: { union: { passed: true, path: "union" } },
        suites: [{ tested_at: "2026-01-02T03:04:05.000Z" }],
      },
      [true, "conflicts", "union"],
    ],
    [
      "an error, which is no verdict",
      { both_passed: false, merge: { status: "error", strategy: null }, error: "no image" },
      [null, "error", null],
    ],
    ["one feature untold", { feature1: feature, feature2: {} }, [null, null, null]],
    ["a list", [1], [null, null, null]],
    ["nothing", undefined, [null, null, null]],
  ])("of %s", (_name, value, expected) => {
    const { passed, merge_status, strategy } = readVerdict({ evaluation: value, features: [1, 2] });
    expect([passed, merge_status, strategy]).toEqual(expected as [boolean, string, string]);
  });
});

describe("a result.json", () => {
  test("whose fields are wrong says the others", () => {
    const said = readSays({
      repo: 7,
      task_id: "1",
      features: [1, "2"],
      model: "m",
      duration_seconds: -1,
      started_at: "2026-01-31T12:00:00",
      ended_at: "2026-01-31T12:00:02",
      agents: { agent1: { steps: -1, cost: 0.5, status: null }, agent2: 3 },
    });
    expect(said).toMatchObject({
      model: "m",
      wall_ms: 2000,
      started_at: "2026-01-31T12:00:00.000Z",
    });
    expect([said.repo, said.task_id, said.features]).toEqual([undefined, undefined, undefined]);
    expect([...said.agents.keys()]).toEqual(["agent1"]);
    expect(said.agents.get("agent1")).toMatchObject({ cost: 0.5 });
  });

  test.each([
    [{ setting: "solo" }, "solo"],
    [{ agent: { status: "Submitted" } }, "solo"],
    [{ agents: {} }, "coop"],
    [{ setting: "team" }, undefined],
    [null, undefined],
  ])("%j is of the setting %s", (value, setting) => {
    expect(settingSaid(value)).toBe(setting as ReturnType<typeof settingSaid>);
  });
});

test("messages become our transcript, and ours survive the way out and back", () => {
  const turns = readTranscript([
    ...MESSAGES,
    { role: "user", content: "[Message from agent2]: hi" },
    { kind: "event", n: 1 },
  ]);
  const call = { id: "c1", name: "bash", arguments: { command: "ls" } };
  expect(turns).toEqual([
    { role: "system", content: "You are one of two.", step: 1 },
    { role: "user", content: "Build it.", step: 1 },
    { role: "assistant", content: "I look.", tool_calls: [call], step: 1 },
    { role: "tool", tool_call_id: "c1", content: "README.md", step: 1 },
    { role: "assistant", content: "", tool_calls: [], step: 2 },
    { role: "user", content: "[Message from agent2]: hi", step: 3 },
    { role: "user", content: '{"kind":"event","n":1}', step: 2 },
  ]);
  const broken = { id: "c2", name: "bash", arguments: {}, malformed: '{"command":' };
  const ours = [
    ...turns,
    { role: "assistant", content: "", tool_calls: [broken], opaque: { x: [1] }, step: 3 },
    { role: "summary", content: "so far", from_turn: 1, until_turn: 3, step: 3 },
  ];
  expect(readTranscript(writeTranscript(ours))).toEqual(ours as typeof turns);
  expect([readTranscript("no list"), writeTranscript(undefined)]).toEqual([[], []]);
});

describe("a folder", () => {
  const pair = { "result.json": "{}" };
  const tree = {
    ...under("logs/new/coop/demo_task/1/f1_f2", pair),
    ...under("logs/new/solo/demo_task/1/f1_f2", pair),
    ...under("logs/old/demo_task/1/f3_f4", pair),
    ...under("logs/ours/demo_task/task1/features_1_2~2", pair),
    ...under("logs/.hidden/demo_task/1/f1_f2", pair),
    "logs/new/notes/f1.txt": "",
  };
  const told = (dir: string) =>
    walkLogs(dir).places.map(({ run, form, setting, task, features, try: number }) =>
      [run.name, run.within, form, setting, task?.task_id, features.join(), number].join(" "),
    );
  const all = [
    "new true released coop 1 1,2 1",
    "new true released solo 1 1,2 1",
    "old true older  1 3,4 1",
    "ours true documented  1 1,2 2",
  ];
  test.each([
    ["logs", all],
    ["logs/new", all.slice(0, 2)],
    ["logs/old/demo_task/1", ["old false older  1 3,4 1"]],
    ["logs/new/solo/demo_task/1/f1_f2", ["new false released solo 1 1,2 1"]],
    ["logs/new/notes", []],
  ])("%s", (dir, expected) => {
    using folder = temporaryFolder();
    writeTree(folder.path, tree);
    expect(told(join(folder.path, dir))).toEqual(expected);
  });

  test("is not left through a link, and is one", () => {
    using folder = temporaryFolder();
    writeTree(folder.path, tree);
    symlinkSync(join(folder.path, "logs/old"), join(folder.path, "logs/new/more"));
    symlinkSync("..", join(folder.path, "logs/new/loop"));
    const { places, warnings } = walkLogs(join(folder.path, "logs/new"));
    expect(places).toHaveLength(2);
    expect(warnings).toEqual([
      "loop is a symbolic link: not followed",
      "more is a symbolic link: not followed",
    ]);
    for (const wrong of ["absent", "logs/new/notes/f1.txt"])
      expect(() => walkLogs(join(folder.path, wrong))).toThrow(UsageError);
  });
});
