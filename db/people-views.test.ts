import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { getViewSelectedFields } from "drizzle-orm";
import { getViewConfig } from "drizzle-orm/sqlite-core";
import { temporaryFolder } from "../lib/core/testing.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import { type Ledger, openLedger, openLedgerToRead } from "./ledger.ts";
import { MOST_RUNS } from "./pairs-wide.ts";
import { addFault, scoreRow, suiteRecord } from "./verdicts.fixture.ts";
import * as views from "./views.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const { objects: _objects, ...OURS } = views;

test.each(Object.values(OURS).map((view) => [getViewConfig(view).name, view] as const))(
  "%s has the columns that are declared of it",
  (name, view) => {
    using ledger = memoryLedger();
    const stored = ledger.query(`SELECT name FROM pragma_table_info('${name}')`);
    expect(stored.map((row) => row.name)).toEqual(Object.keys(getViewSelectedFields(view)));
  },
);

const columnsOf = (ledger: Ledger) =>
  ledger
    .query("SELECT name FROM pragma_table_info('pairs_wide')")
    .map(({ name }) => String(name))
    .slice(Object.keys(getViewSelectedFields(views.pairsWide)).length);

/** A run with one scored attempt at one pair. */
function addScored(ledger: Ledger, run: string, passed: boolean): void {
  addRun(ledger, { run });
  const key = `${run}/alpha_task/task1/features_1_2`;
  ledger.attempts.put([attemptRecord(key)]);
  ledger.scores.put(key, [scoreRow(key, { passed, outcome: passed ? "passed" : "failed" })], []);
}

describe("pairs_wide", () => {
  test("has a column for a run from the moment that the run is there, to others too", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "l.sqlite");
    using writer = openLedger(path);
    addScored(writer, "one", true);
    using reader = openLedgerToRead(path);
    using other = openLedger(path);
    expect(columnsOf(reader)).toEqual(["one"]);
    addScored(writer, "two", false);
    addFault(writer, "two/alpha_task/task1/features_1_2", { step: "eval" });
    const rows = [{ pair_key: "alpha_task/task1/features_1_2", one: 1, two: null }];
    for (const ledger of [reader, other, writer])
      expect(ledger.query("SELECT pair_key, one, two FROM pairs_wide")).toEqual(rows);
    expect(reader.query("SELECT runs FROM pairs_wide")).toEqual([
      { runs: '{"one":1.0,"two":null}' },
    ]);
  });

  test("names that SQL reads otherwise, that differ by case, or that are taken, stay apart", () => {
    using ledger = memoryLedger();
    const names = ["Select", "a.b-c@d=e+f", "features", "REPO", "Twice", "twice", "TWICE"];
    for (const [at, run] of names.entries())
      addRun(ledger, { run, created_at: `2025-01-0${at + 1}` });
    addScored(ledger, "twice.2", true);
    expect(columnsOf(ledger)).toEqual([
      ...["Select", "a.b-c@d=e+f", "features:2", "REPO:2", "Twice", "twice:2", "TWICE:3"],
      "twice.2",
    ]);
    expect(ledger.query('SELECT "twice.2" AS found FROM pairs_wide')).toEqual([{ found: 1 }]);
  });

  test("a run that another program added has its column when the ledger is next opened for writing", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "l.sqlite");
    {
      using ledger = openLedger(path);
      addRun(ledger, { run: "ours" });
      ledger.query(
        "INSERT INTO runs SELECT 'theirs', setting, agent, model, config, config_hash, tandem_version, bun_version, git_version, dataset_hash, 'z', edition FROM runs",
      );
      expect(columnsOf(ledger)).toEqual(["ours"]);
    }
    using again = openLedger(path);
    expect(columnsOf(again)).toEqual(["ours", "theirs"]);
  });

  test(`the ${MOST_RUNS} runs made last have columns, and all are in runs`, () => {
    using ledger = memoryLedger();
    addScored(ledger, "first", true);
    ledger.query(
      `INSERT INTO runs SELECT 'n' || value, setting, agent, model, config, config_hash, tandem_version, bun_version, git_version, dataset_hash, 'z', edition
       FROM runs, json_each('${JSON.stringify(Array.from({ length: MOST_RUNS + 50 }, (_, at) => at))}')`,
    );
    addRun(ledger, { run: "last", created_at: "zz" });
    const columns = columnsOf(ledger);
    expect([columns.length, columns.at(-1), columns.includes("first")]).toEqual([
      MOST_RUNS,
      "last",
      false,
    ]);
    expect(ledger.query(`SELECT runs ->> '$."first"' AS first FROM pairs_wide`)).toEqual([
      { first: 1 },
    ]);
  });
});

test("outcomes names the pair, of an attempt that a fault prevented too", () => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  ledger.attempts.put([attemptRecord(`${KEY}~2`)]);
  addFault(ledger, "r/beta_task/task0/features_4_7_11", { step: "run" });
  expect(ledger.query("SELECT pair_key FROM outcomes ORDER BY 1")).toEqual([
    { pair_key: "alpha_task/task1/features_1_2" },
    { pair_key: "beta_task/task0/features_4_7_11" },
  ]);
});

/** A patch, and what it touches: path, change, lines added and removed. */
const PATCHES: Record<
  string,
  [text: string, rows: [string | null, string | null, number | null, number | null][]]
> = {
  "a changed file and a new one": [
    "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1,2 +1 @@\n-x\n-y\n+z\ndiff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n",
    [
      ["a.py", "modify", 1, 2],
      ["n", "add", 1, 0],
    ],
  ],
  "a file that goes": [
    "diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-n\n",
    [["old", "delete", 0, 1]],
  ],
  "a move": [
    "diff --git a/from b/to\nsimilarity index 100%\nrename from from\nrename to to\n",
    [["to", "rename", 0, 0]],
  ],
  "a name in quotes": [
    'diff --git "a/\\303\\274 x" "b/\\303\\274 x"\n--- "a/\\303\\274 x"\n+++ "b/\\303\\274 x"\n@@ -1 +1 @@\n-a\n+b\n',
    [["ü x", "modify", 1, 1]],
  ],
  "a binary file": [
    "diff --git a/b.png b/b.png\nindex 1111111..2222222 100644\nBinary files a/b.png and b/b.png differ\n",
    [["b.png", "modify", null, null]],
  ],
  "one file twice": [
    "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -3 +3 @@\n-c\n+d\n",
    [["a", "modify", 2, 2]],
  ],
  "text that is not a patch": ["I could not do it.\n", [[null, null, null, null]]],
  nothing: ["", []],
};

test.each(Object.entries(PATCHES))("touched: %s", (_, [text, rows]) => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r", setting: "solo" });
  ledger.attempts.put([attemptRecord(KEY, { agents: [{ bytes: Buffer.from(text) }] })]);
  const found = ledger.query("SELECT path, change, added, removed FROM touched ORDER BY path");
  expect(found.map((row) => Object.values(row))).toEqual(rows);
});

test("commands: what was written down, and of steps from before the number that they ran", () => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  const steps = [
    { agent_id: "agent2", step: 1, commands: 2, exit_code: 3, exec_ms: 9 },
    { agent_id: "agent2", step: 2, commands: 0, exit_code: null },
    { agent_id: "agent2", step: 3, commands: 1, exit_code: 0, exec_ms: 4 },
    { agent_id: "agent1", step: 1, commands: 1 },
  ];
  const commands = [{ agent_id: "agent1", seq: 1, step: null, command: "make", exit_code: 2 }];
  ledger.attempts.put([attemptRecord(KEY, { steps, commands })]);
  const rows = ledger.query(
    "SELECT agent_id, seq, step, command, exit_code, duration_ms FROM commands ORDER BY agent_id, seq",
  );
  expect(rows.map((row) => Object.values(row))).toEqual([
    ["agent1", 1, null, "make", 2, 5],
    ["agent2", 1, 1, null, null, null],
    ["agent2", 2, 1, null, 3, null],
    ["agent2", 3, 3, null, 0, 4],
  ]);
});

test("failed_tests: those that failed or broke, of every suite", () => {
  using ledger = memoryLedger();
  const tests = ["passed", "failed", "skipped", "error"].map((status) => ({
    name: `test ${status}`,
    status,
  }));
  ledger.scores.putSuite(suiteRecord("s", { outcome: "failed", tests }));
  ledger.scores.putSuite(suiteRecord("silent", { outcome: "failed", tests: [] }));
  expect(ledger.query("SELECT suite_key, test, status, suite_outcome FROM failed_tests")).toEqual([
    { suite_key: "s", test: "test failed", status: "failed", suite_outcome: "failed" },
    { suite_key: "s", test: "test error", status: "error", suite_outcome: "failed" },
  ]);
});
