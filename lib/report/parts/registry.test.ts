import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, attemptRecord, memoryLedger, NOW } from "../../../db/ledger.fixture.ts";
import { fill } from "../../../db/queries/filled.fixture.ts";
import { scoreRow, suiteRecord } from "../../../db/verdicts.fixture.ts";
import { ledgerInputs } from "../../merge/planned.ts";
import { mergeHash, treeOf } from "../../merge/rules.ts";
import { reportTables } from "../../stages/report.ts";
import { columnsOf } from "../columns.ts";
import { loadPart, PART_NAMES } from "./registry.ts";

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
  const [[inputs], [merge]] = [ledgerInputs(ledger, [other]), ledger.merges.of(other)];
  if (inputs === undefined || merge === undefined) throw new Error("nothing was merged");
  const hash = mergeHash(inputs, treeOf(merge), 1);
  ledger.query(`UPDATE merges SET inputs_hash = '${hash}' WHERE attempt_key = '${other}'`);
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
  ledger.annotations.put({
    ...{ attempt_key: other, subject: "-", measure: null, label: "odd", note: "?" },
    annotated_by: "someone",
  });
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
    async (name) => {
      const part = await loadPart(name);
      const [table] = await reportTables({ ledger }, { parts: [name] });
      const rows = table?.rows ?? [];
      const found = columnsOf({ rows });
      expect(found.length).toBeGreaterThan(1);
      expect(found.filter((column) => !(column in part.columns))).toEqual([]);
      expect(part.by.filter((column) => !found.includes(column))).toEqual([]);
      expect(table).toMatchObject({ name, title: part.label, labels: part.by });
      expect(rows.flatMap((row) => Object.values(row)).filter(Number.isNaN)).toEqual([]);
    },
  );

  test("on a ledger with one waiting attempt is made too, or says why it is empty", async () => {
    using bare = memoryLedger();
    addRun(bare, { run: "one" });
    bare.attempts.put([attemptRecord("one/alpha_task/task1/features_1_2")]);
    const tables = await reportTables({ ledger: bare }, { parts: PART_NAMES });
    const empty = tables.filter(({ rows }) => rows.length === 0).map(({ name }) => name);
    expect(empty).toContain("comparisons");
    for (const { name, rows, why_empty } of tables)
      if (rows.length === 0) expect(why_empty).toStartWith(`${name}: `);
  });
});

describe("the declaration", () => {
  test.each(PART_NAMES)(
    "of %s names itself, its rows' columns first, and where its numbers come from",
    async (name) => {
      const part = await loadPart(name);
      expect(part.name).toBe(name);
      expect(Object.keys(part.columns).slice(0, part.by.length)).toEqual([...part.by]);
      expect(part.source.length).toBeGreaterThan(0);
      for (const { file, names = [] } of part.source) {
        const text = readFileSync(join(import.meta.dir, "../../..", file), "utf8");
        const absent = names.filter((one) => !new RegExp(`\\b${one}\\b`).test(text));
        expect([file, absent]).toEqual([file, []]);
      }
    },
  );

  test.each(PART_NAMES)("of %s has names and meanings that are understood alone", async (name) => {
    const { columns } = await loadPart(name);
    const vague = ["not", "of", "what", "has", "n", "why", "hits", "low", "high", "unknown"];
    expect(Object.keys(columns).filter((column) => vague.includes(column))).toEqual([]);
    const leaning = /^(its|their|of these|and|why there is none|the same|above) /;
    for (const [column, { meaning }] of Object.entries(columns))
      expect([column, leaning.test(`${meaning} `)]).toEqual([column, false]);
  });
});

test.each(["rnus", "toString", ""])("%p is no part, and the nearest is named", (name) => {
  expect(loadPart(name)).rejects.toThrow(/unknown part/);
});

test("the registry itself loads no part", () => {
  const path = join(import.meta.dir, "registry.ts");
  const imports = new Bun.Transpiler({ loader: "ts" }).scanImports(readFileSync(path, "utf8"));
  const own = imports.filter((one) => one.path.startsWith("./"));
  expect(own.map((one) => one.path).sort()).toEqual(
    PART_NAMES.map((name) => `./${name}.ts`).sort(),
  );
  expect(own.filter(({ kind }) => kind !== "dynamic-import")).toEqual([]);
});

test("columns stand in the part's order; those of others in their own", async () => {
  const { columns } = await loadPart("splits");
  const rows = [{ attempts: 1, run: "a", verdict: "x" }, { share: 2 }];
  expect(columnsOf({ rows, columns })).toEqual(["run", "verdict", "share", "attempts"]);
  expect(columnsOf({ rows })).toEqual(["attempts", "run", "verdict", "share"]);
});
