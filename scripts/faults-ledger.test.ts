import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import {
  doneTwice,
  ended,
  heldModel,
  type StudyPlace,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const study = (defaults: string) => `[pairs]
repo = "demo_task"
limit = 2
[defaults]
${defaults}[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
[concurrency]
pairs = 2
`;
/** Longer than a connection waits by itself, which is 10 s. */
const HELD_MS = 11_000;

/** Another program's connection, within a transaction that it begins now. */
function holder(here: StudyPlace, begin: string) {
  const other = new Database(here.at("ledger.sqlite"));
  other.run("PRAGMA busy_timeout = 20000");
  other.run(begin);
  return {
    count: () => other.query<{ n: number }, []>("SELECT count(*) AS n FROM attempts").get()?.n,
    [Symbol.dispose]: () => other.close(),
  };
}

async function expectWhole(here: StudyPlace, end: ReturnType<typeof ended>): Promise<void> {
  const { code, stderr, stdout } = await end;
  expect({
    code,
    units: stdout.trim().split("\n").length,
    stderr: code === 0 ? "" : stderr,
  }).toEqual({
    ...{ code: 0, units: 2, stderr: "" },
  });
  expect(here.events("done")).toHaveLength(6);
  expect([doneTwice(here), here.leases(), here.events("lost")]).toEqual([[], [], []]);
}

test("a reader that holds on from the first attempt to the last verdict disturbs nothing", async () => {
  await using model = heldModel({ holds: ({ step }) => step === 2 });
  await using here = studyPlace(study(model.defaults));
  const child = here.start();
  const end = ended(child);
  await until(() => model.waiting().length === 2);
  using reader = holder(here, "BEGIN");
  expect(reader.count()).toBe(0);
  model.letGo();
  await expectWhole(here, end);
  // It still sees the moment in which it began; others see everything.
  expect(reader.count()).toBe(0);
  expect(here.rows("SELECT * FROM faults")).toEqual([]);
  expect(here.rows("SELECT 1 FROM attempts")).toHaveLength(2);
});

test.concurrent("a writer that locks all others out while attempts end: they wait for it, and nothing is lost", async () => {
  await using model = heldModel({ holds: ({ step }) => step === 2 });
  await using here = studyPlace(study(model.defaults));
  const child = here.start();
  const end = ended(child);
  await until(() => model.waiting().length === 2);
  {
    using _writer = holder(here, "BEGIN EXCLUSIVE");
    model.letGo();
    await Bun.sleep(HELD_MS);
    expect([child.exitCode, here.events("done")]).toEqual([null, []]);
  }
  await expectWhole(here, end);
  expect(model.served.answers).toBe(4);
});

test.concurrent("a writer that locks all others out while suites run: no verdict is lost, and none is made twice", async () => {
  await using model = heldModel();
  await using here = studyPlace(study(model.defaults));
  expect((await here.run(["merge"])).code).toBe(0);
  const child = here.start();
  const end = ended(child);
  await until(() => here.rows("SELECT 1 FROM suite_results").length >= 1);
  {
    using _writer = holder(here, "BEGIN EXCLUSIVE");
    await Bun.sleep(HELD_MS);
  }
  await expectWhole(here, end);
  const open = here.rows("SELECT * FROM faults WHERE resolved_at IS NULL");
  expect(open).toEqual([]);
});

test.concurrent("a ledger that is locked when a study begins is a fault with a hint, and later the same command goes on", async () => {
  await using model = heldModel();
  await using here = studyPlace(study(model.defaults));
  expect((await here.run(["run"])).code).toBe(0);
  {
    using _writer = holder(here, "BEGIN EXCLUSIVE");
    // Apart: this process would stand still for as long, and the tests beside this one with it.
    const { code, stderr } = await ended(here.start());
    expect(code).toBe(1);
    expect(stderr).toContain(
      "[ledger_locked] → another program holds the ledger: wait for it or close it",
    );
  }
  await expectWhole(here, here.run());
});
