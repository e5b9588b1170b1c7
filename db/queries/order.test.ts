import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, attemptRecord, indexedTask, memoryLedger } from "../ledger.fixture.ts";

const files = readdirSync(import.meta.dir).filter((name) => name.endsWith(".sql"));
const textOf = (name: string) => readFileSync(join(import.meta.dir, `${name}.sql`), "utf8");
const pair = (features: string) => `alpha_task/task1/features_${features}`;

test("U9: no query orders pairs or attempts by the letters of their keys", () => {
  const byLetters = files.filter((file) => {
    const [, order = ""] =
      /ORDER BY([^;]*);\s*$/.exec(readFileSync(join(import.meta.dir, file), "utf8")) ?? [];
    return /\b(?:pair_key|attempt_key|unit)\b/.test(order) && !/CAST\(/.test(order);
  });
  expect(byLetters).toEqual(["open-faults.sql"]);
});

test("U9: features 1 and 2 precede 1 and 10, in pairs that ran and in those that did not", () => {
  using ledger = memoryLedger();
  ledger.dataset.index("dataset", "v1", [indexedTask("alpha_task", 1, { features: [1, 2, 10] })]);
  addRun(ledger, { run: "r" });
  const keys = ["1_2", "1_10", "2_10"].map(pair);
  expect(ledger.query(textOf("pairs-never-run")).map((row) => row.pair_key)).toEqual(keys);
  ledger.attempts.put([...keys].reverse().map((key) => attemptRecord(`r/${key}`)));
  expect(ledger.query(textOf("pairs-by-run")).map((row) => row.pair_key)).toEqual(keys);
});
