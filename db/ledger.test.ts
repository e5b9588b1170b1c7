import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { asFault } from "../lib/core/fault.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { addRun, attemptRecord, indexedTask, memoryLedger } from "./ledger.fixture.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import * as schema from "./schema.ts";
import { mergeRecord, mergeRow, scoreRow } from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

const KEY = "r/alpha_task/task1/features_1_2";
const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));

/** The number of rows of every table that has any. */
function counts(ledger: Ledger): Record<string, number> {
  const found = tables.map((table) => {
    const { name } = getTableConfig(table);
    return [name, Number(ledger.query(`SELECT count(*) AS n FROM "${name}"`)[0]?.n)] as const;
  });
  return Object.fromEntries(found.filter(([, n]) => n > 0));
}

describe("a throw inside a transaction leaves nothing", () => {
  const good = attemptRecord(KEY);
  const other = "r/alpha_task/task1/features_1_3";
  const unknownPatch = attemptRecord(other, { agents: [{ patch: "no such patch" }, {}] });
  const twice = attemptRecord(other, {
    steps: [1, 1].map((step) => ({ agent_id: "agent1", step })),
  });
  const cases: [title: string, write: (ledger: Ledger) => void][] = [
    ["attempts: a patch that is not stored", (l) => l.attempts.put([good, unknownPatch])],
    ["attempts: the same step twice", (l) => l.attempts.put([good, twice])],
    ["attempts: an unknown run", (l) => l.attempts.put([good, attemptRecord(`x${KEY}`)])],
    [
      "merges: an attempt that is not there",
      (l) =>
        l.merges.put([
          mergeRecord([mergeRow(KEY)], { patches: [{ hash: "p", bytes: new Uint8Array(1) }] }),
        ]),
    ],
    ["scores: an attempt that is not there", (l) => l.scores.put(KEY, [scoreRow(KEY)], [])],
    [
      "dataset: a feature whose patch is not stored",
      (l) =>
        l.dataset.index("dataset", "h", [
          indexedTask("alpha_task", 1),
          { ...indexedTask("alpha_task", 2), patches: [] },
        ]),
    ],
    [
      "dataset: a subset of another's name after rows were made",
      (l) =>
        l.tables.transaction((tx) => {
          tx.insert(schema.subsets).values({ name: "s", description: "", file_hash: "h" }).run();
          tx.insert(schema.subsetPairs)
            .values({ subset: "other", position: 0, pair_key: "p" })
            .run();
        }),
    ],
  ];
  test.each(cases)("%s", (_, write) => {
    using ledger = memoryLedger();
    addRun(ledger, { run: "r" });
    const before = counts(ledger);
    expect(() => write(ledger)).toThrow(/constraint/i);
    expect(counts(ledger)).toEqual(before);
  });

  test("and no transaction is asynchronous, which would keep writes after a later throw", () => {
    const sources = readdirSync(import.meta.dir).filter((name) => name.endsWith(".ts"));
    const bad = sources.filter((name) =>
      /transaction\(\s*async\b/.test(readFileSync(join(import.meta.dir, name), "utf8")),
    );
    expect(bad).toEqual([]);
  });
});

describe("trouble with the file in the middle of work", () => {
  test("a full disk is a fault of the disk, and nothing of the write stays", () => {
    using folder = temporaryFolder();
    using ledger = openLedger(join(folder.path, "ledger.sqlite"));
    addRun(ledger, { run: "r" });
    const before = counts(ledger);
    const pages = Number(ledger.query("PRAGMA page_count")[0]?.page_count);
    ledger.query(`PRAGMA max_page_count = ${pages + 2}`);
    const big = attemptRecord(KEY, { agents: [{ bytes: new Uint8Array(1 << 20) }, {}] });
    expect(faultCode(() => ledger.attempts.put([big]))).toBe("disk_full");
    expect(counts(ledger)).toEqual(before);
  });

  test("another writer that does not end is a locked ledger", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    using ledger = openLedger(path);
    using other = openLedger(path);
    addRun(ledger, { run: "r" });
    ledger.query("PRAGMA busy_timeout = 0");
    other.query("BEGIN IMMEDIATE");
    expect(faultCode(() => ledger.attempts.put([attemptRecord(KEY)]))).toBe("ledger_locked");
    expect(ledger.attempts.has(KEY)).toBe(false);
    other.query("ROLLBACK");
    ledger.attempts.put([attemptRecord(KEY)]);
    expect(other.attempts.has(KEY)).toBe(true);
  });
});

test("four processes write at once and lose nothing", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  using ledger = openLedger(path);
  ledger.dataset.index("dataset", "h", [indexedTask("alpha_task", 1)]);
  const writer = `
    const { openLedger } = await import(${JSON.stringify(join(import.meta.dir, "ledger.ts"))});
    const { addRun, attemptRecord } = await import(${JSON.stringify(join(import.meta.dir, "ledger.fixture.ts"))});
    const [name, path] = process.argv.slice(-2);
    using ledger = openLedger(path);
    addRun(ledger, { run: name });
    for (let n = 1; n <= 25; n++) {
      ledger.attempts.put([attemptRecord(name + "/alpha_task/task1/features_1_" + (n + 1))]);
      ledger.dataset.putSubset({ name: "shared", description: "", file_hash: name + n }, ["p" + n]);
      ledger.dataset.setGold([{ pair_key: "alpha_task/task1/features_1_2", naive: "clean", union: "clean" }]);
    }
    console.log("done");`;
  const said = await Promise.all(
    ["a", "b", "c", "d"].map(async (name) => {
      const child = Bun.spawn([process.execPath, "-e", writer, name, path], { stderr: "pipe" });
      return (await new Response(child.stdout).text()) + (await new Response(child.stderr).text());
    }),
  );
  expect(said).toEqual(["done\n", "done\n", "done\n", "done\n"]);
  expect(ledger.query("SELECT run, count(*) AS n FROM attempts GROUP BY run")).toEqual(
    ["a", "b", "c", "d"].map((run) => ({ run, n: 25 })),
  );
  expect(counts(ledger)).toMatchObject({ attempts: 100, agents: 200, subset_pairs: 1 });
  expect(ledger.query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
});

test("what was committed is there after closing and opening", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  {
    using ledger = openLedger(path);
    addRun(ledger, { run: "r" });
    ledger.attempts.put([attemptRecord(KEY)]);
  }
  using again = openLedger(path);
  expect(again.attempts.keys({})).toEqual([KEY]);
  expect(again.path).toBe(path);
});

/** The code that the fault of a throwing call has; fails when it does not throw. */
function faultCode(call: () => void): string {
  try {
    call();
  } catch (error) {
    return asFault(error).code;
  }
  throw new Error("nothing was thrown");
}
