import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { openLedger } from "../db/ledger.ts";
import { writeShellTask } from "../lib/eval/shell-task.fixture.ts";
import { addTalk, judging, keyOf } from "../lib/labels/judge.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, KEYS } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";
import { ended, rowsOf, until } from "./faults.fixture.ts";

setDefaultTimeout(240_000);

type Here = ReturnType<typeof place>;
/** A stage that is called by itself, in a place where it has work. */
type Stage = AsyncDisposable & {
  readonly here: Here;
  readonly step: string;
  readonly args: readonly [script: string, ...args: string[]];
  readonly units: number;
};

async function checking(): Promise<Stage> {
  const here = place();
  const passes = "echo '== 1 passed in 0.01s =='";
  const fails = "{ echo 'FAILED t.py::test_mine - x'; echo '== 1 failed in 0.01s =='; exit 1; }";
  const suites = [1, 2, 3, 4].map(
    (feature) => `sleep 0.2; [ -e feature${feature}.txt ] && ${passes} || ${fails}`,
  );
  writeShellTask(here.at("source"), suites, here.at("outside"));
  await here.call("fetch-dataset", ["--from", here.at("source")]);
  const args = ["--unsafe-local", "--suites", "1"];
  return stage(here, { step: "check", units: 8, args: ["check-dataset", ...args] });
}

async function compat(): Promise<Stage> {
  const here = place();
  await here.call("run-pair", ["-n", "gold", "-a", "gold", "-r", "demo_task", "--limit", "5"]);
  const args = ["-n", "gold", "--compat", "0.0.14", "--unsafe-local", "--suites", "1"];
  return stage(here, { step: "compat", units: 5, args: ["eval", ...args] });
}

async function labelling(): Promise<Stage> {
  const here = place();
  using ledger = openLedger(here.at("ledger.sqlite"));
  for (const features of ["1_2", "1_3", "2_3", "2_4"])
    addTalk(ledger, keyOf(features), { passed: false });
  const answer = judging();
  const server = anthropicServer(async (asked) => {
    await Bun.sleep(150);
    return await answer(asked);
  });
  const flags = ["-n", "one", "-m", CLAUDE, "--base-url", server.base_url, "-c", "1"];
  const told = stage(here, { step: "label", units: 12, args: ["judge", ...flags] });
  return {
    ...told,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await told[Symbol.asyncDispose]();
    },
  };
}

function stage(here: Here, fields: Pick<Stage, "step" | "args" | "units">): Stage {
  return { here, ...fields, [Symbol.asyncDispose]: async () => here[Symbol.dispose]() };
}

const STAGES: [name: string, open: () => Promise<Stage>][] = [
  ["check-dataset", checking],
  ["eval --compat", compat],
  ["judge", labelling],
];

function start({ here, args: [script, ...args] }: Stage) {
  const child = here.start(script, args, { env: KEYS });
  const end = ended(child);
  return { child, end };
}

/** The same call in this process, when nothing else is to happen meanwhile. */
const callAgain = ({ here, args: [script, ...args] }: Stage) =>
  here.call(script, args, { env: KEYS });

/** Units by what happened to them in the stage. */
function events({ here, step }: Stage, event: string): string[] {
  const sql = `SELECT unit FROM journal WHERE step = '${step}' AND event = '${event}' ORDER BY id`;
  return rowsOf<{ unit: string }>(here.at("ledger.sqlite"), sql).map(({ unit }) => unit);
}

const whole = (units: readonly string[], { units: wanted }: Stage) => ({
  units: new Set(units).size === wanted,
  twice: units.length - new Set(units).size,
});
const ONCE = { units: true, twice: 0 };

describe.each(STAGES)("S14: %s", (_name, open) => {
  test("two processes do every unit once, and both tell of all", async () => {
    await using stage = await open();
    const ends = await Promise.all([start(stage).end, start(stage).end]);
    for (const { code, stdout, stderr } of ends)
      expect({ code, rows: jsonLines(stdout).length, stderr: code === 0 ? "" : stderr }).toEqual({
        ...{ code: 0, rows: stage.units, stderr: "" },
      });
    expect(whole(events(stage, "done"), stage)).toEqual(ONCE);
  });

  test("V22: after one Ctrl-C nothing new begins and what is left is said; the next call does the rest", async () => {
    await using stage = await open();
    const { child, end } = start(stage);
    await until(() => events(stage, "done").length >= 1);
    child.kill("SIGINT");
    const { code, stderr } = await end;
    const [begun, done] = [events(stage, "claimed"), events(stage, "done")];
    expect({ code, finished: done.length === begun.length }).toEqual({ code: 130, finished: true });
    expect(done.length).toBeLessThan(stage.units);
    expect(stderr).toContain(`${stage.units - done.length} left`);
    expect((await callAgain(stage)).code).toBe(0);
    expect(whole(events(stage, "done"), stage)).toEqual(ONCE);
  });

  test("after kill -9 the next call does the rest", async () => {
    await using stage = await open();
    const { child, end } = start(stage);
    await until(() => events(stage, "claimed").length >= 2);
    child.kill("SIGKILL");
    await end;
    expect(events(stage, "done").length).toBeLessThan(stage.units);
    const next = await callAgain(stage);
    expect({ code: next.code, rows: jsonLines(next.stdout).length }).toEqual({
      ...{ code: 0, rows: stage.units },
    });
    expect(whole(events(stage, "done"), stage)).toEqual(ONCE);
  });
});
