import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { jsonLines } from "./cli.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  type StudyPlace,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const STUDY = (defaults: string, more = "") =>
  `[pairs]\nrepo = "demo_task"\nlimit = 3\n[defaults]\n${defaults}[arms.solo]\nsetting = "solo"\n${more}[sandbox]\nunsafe_local = true\n[retries]\nfaults = 0\n[concurrency]\npairs = 1\n`;
const KEY = (pair: string, arm = "solo") => `s-${arm}/demo_task/task1/features_${pair}`;

async function ctl(here: StudyPlace, ...args: readonly string[]) {
  const { code, stdout, stderr } = await here.call("ctl", args);
  return { code, stderr, rows: jsonLines(stdout) };
}

const textOf = async (stream: ReadableStream<Uint8Array>, seen: { text: string }) => {
  for await (const part of stream) seen.text += new TextDecoder().decode(part);
};

test("two processes on one study are paused; one is killed meanwhile, another begins: nothing is begun until it is resumed", async () => {
  await using model = heldModel({ holds: ({ step }) => step === 2 });
  await using here = studyPlace(STUDY(model.defaults));
  const [first, second] = [here.start(["run"]), here.start(["run"])];
  const end = ended(second);
  await until(() => model.waiting().length === 2);
  const paused = await ctl(here, "s", "pause");
  expect(paused).toMatchObject({
    code: 0,
    rows: [{ verb: "pause", name: "s", holds: true, processes: 2 }],
  });
  expect(paused.stderr).toContain("2 processes will obey within seconds");
  const obeying = async () => (await ctl(here, "s")).rows[0]?.obeying;
  await until(async () => (await obeying()) === 2);
  first.kill("SIGKILL");
  await first.exited;
  // What is under way goes on to its end.
  model.letGo();
  await until(() => here.events("done").length === 1);
  const third = here.start(["run"]);
  const seen = { text: "" };
  const read = textOf(third.stderr, seen);
  await until(
    () => seen.text.includes("still holds: study s is paused"),
    () => seen.text,
  );
  const states = here.rows("SELECT state FROM processes WHERE ended_at IS NULL");
  expect(states.filter(({ state }) => state === "paused").length).toBeGreaterThanOrEqual(2);
  const status = await here.call("status", ["--json"]);
  expect(jsonLines(status.stdout)[0]).toMatchObject({
    arms: [{ run: "s-solo", paused: expect.stringContaining("study s is paused"), cancelled: 0 }],
  });
  expect(here.events("claimed")).toHaveLength(2);
  await ctl(here, "s", "resume", "-c", "2");
  const { code, stderr } = await end;
  await third.exited;
  await read;
  expect({ code, third: third.exitCode, stderr: code === 0 ? "" : stderr }).toEqual({
    ...{ code: 0, third: 0, stderr: "" },
  });
  expect(here.events("done")).toHaveLength(3);
  expect([doneTwice(here), here.leases()]).toEqual([[], []]);
});

test("an attempt that is cancelled under way is stopped, its cost is kept, and retry has it done", async () => {
  await using model = heldModel({
    holds: ({ step, features }) => step === 2 && features.includes(2),
  });
  await using here = studyPlace(STUDY(model.defaults));
  const child = here.start(["run"]);
  const end = ended(child);
  await until(() => model.waiting().length === 1);
  expect(await ctl(here, "s", "cancel", "demo_task/task1/features_1_2")).toMatchObject({
    code: 0,
    rows: [{ verb: "cancel", unit: KEY("1_2"), holds: true }],
  });
  const { code, stderr } = await end;
  expect(code).toBe(1);
  expect(stderr).toContain(`${KEY("1_2")} is cancelled`);
  expect(stderr).toContain("1 attempt is cancelled and left undone");
  expect(here.events("done")).toEqual(["run solo 1_3", "run solo 1_4"]);
  const [stopped] = here.rows("SELECT * FROM journal WHERE event = 'stopped'");
  expect(stopped).toMatchObject({
    unit: KEY("1_2"),
    note: expect.stringContaining("is cancelled"),
  });
  expect(Number(stopped?.cost_usd)).toBeGreaterThan(0);
  expect(here.rows("SELECT * FROM faults")).toEqual([]);
  const status = jsonLines((await here.call("status", ["--json"])).stdout)[0];
  expect(status).toMatchObject({ arms: [{ cancelled: 1, faults: {}, waiting: 0 }] });
  model.letGo();
  const again = await here.run(["run"]);
  expect([again.code, here.events("done").length]).toEqual([1, 2]);
  expect(again.stderr).toContain("still holds: 1 attempt cancelled");
  const retried = await here.call("retry", ["-n", "s"]);
  expect(jsonLines(retried.stdout)).toEqual([
    { key: KEY("1_2"), asked_for: "cancelled", was: "cancelled" },
  ]);
  expect((await here.run(["run"])).code).toBe(0);
  expect(here.events("done")).toHaveLength(3);
});

describe("asked of a study that nobody works on", () => {
  const here = studyPlace(STUDY('model = "replay/demo"\n', '[arms.gold]\nagent = "gold"\n'));
  afterAll(async () => await here[Symbol.asyncDispose]());
  beforeAll(async () => {
    writeFileSync(
      here.file,
      readFileSync(here.file, "utf8").replace('[arms.solo]\nsetting = "solo"\n', ""),
    );
    expect((await here.run(["run", "--set", "pairs.limit=1"])).code).toBe(0);
  });

  const REFUSED: [args: string[], words: string][] = [
    [["t", "pause"], 'unknown study or run "t"'],
    [["s-gol", "pause"], 'did you mean "s-gold"?'],
    [["s", "paus"], 'did you mean "pause"?'],
    [["s", "retry"], "tandem retry -n s"],
    [["s", "cancel"], "name what to cancel"],
    [["s", "cancel", "--arm", "gld"], 'did you mean "gold"?'],
    [["s", "cancel", KEY("1_3", "gol")], 'unknown run "s-gol"'],
    [["s", "cancel", "demo_task/task1/features_1_33"], "unknown pair"],
    [["s", "cancel", "nonsense"], "is not a key"],
    [["s", "pause", KEY("1_3", "gold")], "cancel them"],
    [["s", "cancel", KEY("1_3", "gold"), "--arm", "gold"], "do not go together"],
    [["s", "-c", "0"], "at least 1"],
    [["s", "-c", "2", "--arm", "gold"], "goes without"],
    [["s", "--arm", "gold"], "say what is to be done"],
    [["-c", "2"], "say what is to be done"],
  ];
  test.each(REFUSED)("%j is refused", async (args, words) => {
    const { code, stderr, rows } = await ctl(here, ...args);
    expect({ code, rows, said: stderr.includes(words), stderr }).toMatchObject({
      ...{ code: 2, rows: [], said: true },
    });
    expect(here.rows("SELECT * FROM controls")).toEqual([]);
  });

  test("it is kept, said, shown while it holds, and obeyed by who comes later", async () => {
    expect((await ctl(here)).stderr).toContain("nothing is asked of any work");
    const { code, stderr } = await ctl(here, here.file, "cancel", "--arm", "gold");
    expect([code, stderr.includes("no process works on study s now")]).toEqual([0, true]);
    await ctl(here, "s", "-c", "3");
    const run = await here.run(["run"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("still holds: run s-gold is cancelled");
    expect((await ctl(here)).rows).toMatchObject([
      { verb: "cancel", name: "s-gold", holds: true, applied_at: expect.any(String), processes: 0 },
      { verb: "concurrency", concurrency: 3, holds: true },
    ]);
    await ctl(here, "s", "resume", "--arm", "gold");
    expect((await here.run(["run"])).code).toBe(0);
    expect((await ctl(here, "s")).rows.map(({ verb, holds }) => [verb, holds])).toEqual([
      ["cancel", false],
      ["concurrency", true],
      ["resume", false],
    ]);
    const passed = await ctl(here, "s", "resume", KEY("1_3", "gold"));
    expect([passed.code, passed.rows]).toEqual([0, []]);
    expect(passed.stderr).toContain("it is not cancelled");
  });
});
