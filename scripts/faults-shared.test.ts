import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { openLedger } from "../db/ledger.ts";
import { billOfServer, CLAUDE } from "./agents.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  leftBy,
  type Runner,
  reportOf,
  studyPlace,
  until,
  verdicts,
} from "./faults.fixture.ts";

setDefaultTimeout(240_000);

const LOCAL = "[sandbox]\nunsafe_local = true\n";
const DEMO = `[pairs]
repo = "demo_task"
limit = 4
[defaults]
model = "replay/demo"
[arms.gold]
agent = "gold"
[arms.coop]
${LOCAL}`;
const UNITS = 8;

test("five processes, two of them killed: every unit is done once, and the report is a single process's", async () => {
  await using alone = studyPlace(DEMO);
  const calm = alone.run(["eval", "-c", "4"]);
  await using here = studyPlace(DEMO);
  const owned = (pid: number) =>
    here.leases().some(({ owner }) => owner.split("/")[2] === `${pid}`);
  const running = Array.from({ length: 5 }, () => here.start(["eval", "-c", "2"]));
  const said = running.map(ended);
  const killed: Runner[] = [];
  // Any two that hold a unit, as soon as there is one to lose.
  await until(() => {
    const victim = running.find((child) => !killed.includes(child) && owned(child.pid));
    if (victim) {
      victim.kill("SIGKILL");
      killed.push(victim);
    }
    return killed.length === 2;
  });
  const ends = await Promise.all(said);
  const others = ends.filter((_, index) => !killed.some((child) => child === running[index]));
  for (const { code, stderr, stdout } of others)
    expect({
      code,
      rows: stdout.trim().split("\n").length,
      stderr: code === 0 ? "" : stderr,
    }).toEqual({
      ...{ code: 0, rows: UNITS, stderr: "" },
    });
  expect(others).toHaveLength(3);
  for (const step of ["run", "merge", "eval"])
    expect(new Set(here.events("done").filter((line) => line.startsWith(step))).size).toBe(UNITS);
  expect(doneTwice(here)).toEqual([]);
  expect(here.events("lost").length).toBeGreaterThan(0);
  expect(here.leases()).toEqual([]);
  expect(
    await leftBy(
      here,
      running.map(({ pid }) => pid),
    ),
  ).toEqual([]);
  expect((await calm).code).toBe(0);
  expect(await reportOf(here)).toBe(await reportOf(alone));
});

const PAIRS = ["1_2", "1_3", "2_3"].map((pair) => `"demo_task/task1/features_${pair}"`).join(", ");
const solo = (defaults: string, more = "") => `[pairs]
keys = [${PAIRS}]
[defaults]
${defaults}[arms.solo]
setting = "solo"
${LOCAL}${more}`;

test("a process that sleeps keeps its units: the others do the rest and wait for it", async () => {
  await using model = heldModel({
    holds: ({ features, step }) => features.join("_") === "1_2" && step === 2,
  });
  await using here = studyPlace(solo(model.defaults, "[concurrency]\npairs = 1\n"));
  const sleeper = here.start();
  const first = ended(sleeper);
  await until(() => model.waiting().length === 1);
  await here.freeze(sleeper);
  const other = here.start();
  const second = ended(other);
  // Two heartbeats that do not come, and everything else done: still nobody takes what the sleeper holds.
  const judged = () => here.events("done").filter((line) => line.startsWith("eval"));
  await until(() => judged().length === 2);
  await Bun.sleep(4_500);
  expect(here.leases()).toMatchObject([{ step: "run", unit: expect.stringMatching(/1_2$/) }]);
  expect(other.exitCode).toBeNull();
  model.letGo();
  sleeper.kill("SIGCONT");
  expect([(await first).code, (await second).code]).toEqual([0, 0]);
  const owners = here.rows<{ event: string; owner: string }>(
    "SELECT event, owner FROM journal WHERE step = 'run' AND unit LIKE '%1_2' ORDER BY id",
  );
  expect(owners.map(({ event, owner }) => [event, Number(owner.split("/")[2])])).toEqual([
    ["claimed", sleeper.pid],
    ["done", sleeper.pid],
  ]);
  expect(doneTwice(here)).toEqual([]);
  expect(model.served.answers).toBe(6);
});

test("a process whose unit was taken over drops its result, without a fault, and leaves the other's alone", async () => {
  await using model = heldModel({
    holds: ({ features, step }) => features.join("_") === "1_2" && step === 2,
  });
  await using here = studyPlace(solo(model.defaults));
  const child = here.start();
  const end = ended(child);
  await until(() => model.waiting().length === 1);
  using ledger = openLedger(here.at("ledger.sqlite"));
  const work = { unit: "s-solo/demo_task/task1/features_1_2", step: "run", run: "s-solo" } as const;
  const other = "another-host/1/1/1";
  ledger.work.begin({ owner: other, pid: 1, command: "elsewhere" });
  ledger.work.claim([work], { owner: other, isGone: () => true, isDone: () => false });
  model.letGo();
  await until(() => here.events("done").filter((line) => line.startsWith("eval")).length === 2);
  expect(ledger.attempts.has(work.unit)).toBe(false);
  ledger.work.release(work, { owner: other }, "stopped");
  const { code, stderr } = await end;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  const events = ledger.work
    .journal("s-solo")
    .filter((row) => row.unit === work.unit && row.step === "run");
  expect(events.map(({ event, owner }) => [event, owner === other ? "other" : "mine"])).toEqual([
    ["claimed", "mine"],
    ["lost", "mine"],
    ["claimed", "other"],
    // What its attempt had cost since it last said so.
    ["lost", "mine"],
    ["stopped", "other"],
    ["claimed", "mine"],
    ["done", "mine"],
  ]);
  expect([ledger.faults.open(), doneTwice(here), here.leases()]).toEqual([[], [], []]);
});

test("clocks that jump an hour to and fro change neither leases nor money", async () => {
  await using model = heldModel();
  await using here = studyPlace(solo(model.defaults, "[budget]\nusd = 100\n"));
  const jumping = { BUN_OPTIONS: `--preload=${join(import.meta.dir, "faults-clock.fixture.ts")}` };
  const both = [here.start(["eval", "-c", "1"], jumping), here.start(["eval", "-c", "1"], jumping)];
  const ends = await Promise.all(both.map(ended));
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expect(Object.keys(verdicts(here))).toEqual(["solo 1_2", "solo 1_3", "solo 2_3"]);
  expect([here.events("lost"), here.leases(), doneTwice(here)]).toEqual([[], [], []]);
  const [{ usd } = { usd: 0 }] = here.rows<{ usd: number }>(
    "SELECT sum(cost_usd) AS usd FROM agents",
  );
  expect(usd).toEqual((await billOfServer(model, CLAUDE)).agents.cost_usd);
  const [jumps = { hours: 0 }] = here.rows<{ hours: number }>(
    "SELECT 24 * (max(julianday(at)) - min(julianday(at))) AS hours FROM journal",
  );
  expect(jumps.hours).toBeGreaterThan(0.9);
});
