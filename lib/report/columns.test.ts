// Owns the check that every column a report can have is declared, with a meaning, and every part is made.
import { afterAll, describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger, NOW } from "../../db/ledger.fixture.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { scoreRow, suiteRecord } from "../../db/verdicts.fixture.ts";
import { reportTables } from "../stages/report.ts";
import { COLUMNS, columnsOf } from "./columns.ts";
import { PART_NAMES, PARTS, type PartName, whyEmpty } from "./parts.ts";

/** The small ledger with what it lacks: a check, an imported verdict, a published table. */
function filled() {
  const ledger = memoryLedger();
  fill(ledger);
  const suite = suiteRecord("gold of feature 1");
  ledger.scores.putSuite(suite);
  ledger.checks.put([
    {
      ...{ repo: "alpha_task", task_id: 1, feature_id: 1, kind: "gold", backend: "local" },
      ...{ environment: "e", task_hash: "hash", good: true, flaky: false, outcomes: ["passed"] },
      suite_key: suite.result.suite_key,
      checked_at: NOW,
      unknown: false,
      cause: null,
    },
  ]);
  addRun(ledger, { run: "theirs" });
  const attempt_key = "theirs/alpha_task/task1/features_1_2";
  ledger.attempts.put([attemptRecord(attempt_key)]);
  ledger.scores.put(attempt_key, [scoreRow(attempt_key)], []);
  const failed = { passed: false, path: null, outcome: "failed", cause: "conflict" } as const;
  const other = "coop-a/alpha_task/task1/features_2_3";
  const odd = suiteRecord("odd", { marks: ["contradicts its summary"] });
  ledger.scores.putSuite(odd);
  const tested = { attempt_key: other, tested: "naive", feature_id: 2, suite_key: "odd" } as const;
  ledger.scores.put(other, [scoreRow(other, failed)], [tested]);
  ledger.imported.put([
    {
      ...{ attempt_key, source: "there", form: "released", content_sha256: "c", imported_at: NOW },
      ...{ passed: false, merge_status: "clean", strategy: "naive", evaluated_at: null },
      ...{ files: {}, problems: [] },
    },
  ]);
  const table = { source: "paper", setting: "coop" } as const;
  ledger.imported.putPublished(table, [
    {
      ...{ ...table, pair_key: "alpha_task/task1/features_1_2", model: "m", passed: true },
      ...{ has_conflict: false, content_sha256: "p", imported_at: NOW },
    },
  ]);
  ledger.labels.put(
    { attempt_key: other, measure: "communication error", model: "m/x", prompt_sha256: "p" },
    {
      ...{ prompt: "?", cost_usd: 0.01 },
      given: [{ subject: "-", label: null, quotes: [], answer: "{}" }],
    },
  );
  return ledger;
}

describe("every part", () => {
  const ledger = filled();
  afterAll(() => ledger.close());
  test.each(PART_NAMES)(
    "%s has rows, columns with a meaning, and labels among these",
    async (part) => {
      const [table] = await reportTables({ ledger }, { parts: [part] });
      const columns = columnsOf(table?.rows ?? [], []);
      expect(columns.length).toBeGreaterThan(1);
      expect(columns.filter((column) => !(column in COLUMNS))).toEqual([]);
      expect((table?.labels ?? []).filter((label) => !columns.includes(label))).toEqual([]);
      expect(table).toMatchObject({ name: part, title: PARTS[part].title });
    },
  );

  test("on a ledger with one waiting attempt is made too, or says why it is empty", async () => {
    using bare = memoryLedger();
    addRun(bare, { run: "one" });
    bare.attempts.put([attemptRecord("one/alpha_task/task1/features_1_2")]);
    const tables = await reportTables({ ledger: bare }, { parts: PART_NAMES });
    const empty = tables.filter(({ rows }) => rows.length === 0).map(({ name }) => name);
    expect(empty).toContain("comparisons");
    for (const name of empty) expect(whyEmpty(name as PartName)).toStartWith(`${name}: `);
  });
});

test("columns stand in the report's order behind the labels; those of others in their own", () => {
  const rows = [{ passed: 1, run: "a", verdict: "x" }, { pairs: 2 }];
  expect(columnsOf(rows, [])).toEqual(["run", "pairs", "passed", "verdict"]);
  expect(columnsOf(rows, ["run", "verdict", "kind"])).toEqual([
    "run",
    "verdict",
    "pairs",
    "passed",
  ]);
  expect(columnsOf([{ passed: 1, run: "a", mine: 1 }], ["run"])).toEqual(["passed", "run", "mine"]);
});
