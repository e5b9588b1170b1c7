import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { asFault } from "../lib/core/fault.ts";
import { isJson } from "./columns.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";
import { fill } from "./queries/filled.fixture.ts";
import * as schema from "./schema.ts";

const ROOT = join(import.meta.dir, "..");
/** Rows whose type is said where they are asked for, and not by columns that are declared. */
const BY_HAND =
  /(?<!Object)\.(?:query|prepare|all|get|values|iterate)<|\.(?:all|get|values)\([^)]*\) as [A-Z]|JSON\.parse\([^)]*\)\) as /;
/** Users' own SQL, whose columns cannot be known, and archives, which copy the rows of any table as SQLite holds them. */
const KNOWN = ["db/archive.ts", "db/ledger.ts", "db/query.ts"];

test("no SQL row is typed by hand, except where its columns cannot be known", () => {
  const files = ["db", "lib"].flatMap((area) =>
    readdirSync(join(ROOT, area), { recursive: true, encoding: "utf8" }).map(
      (name) => `${area}/${name}`,
    ),
  );
  const code = files.filter((name) => /\.ts$/.test(name) && !/\.(test|fixture)\.ts$/.test(name));
  expect(code.length).toBeGreaterThan(200);
  const found = code.filter((name) => BY_HAND.test(readFileSync(join(ROOT, name), "utf8")));
  expect(found.sort()).toEqual(KNOWN);
});

const tables = Object.values(schema).filter((one) => is(one, SQLiteTable));
const columns = tables.flatMap((table) =>
  Object.values(getTableColumns(table))
    .filter(isJson)
    .map((column) => [getTableName(table), column] as const),
);

test("no column is cast out of its JSON", () => {
  const cast = tables.flatMap((table) =>
    Object.values(getTableColumns(table)).filter(({ dataType }) => dataType === "json"),
  );
  expect(cast.map(({ name }) => name)).toEqual([]);
  expect(columns.length).toBeGreaterThan(16);
});

/** What is not JSON, what was cut off, and JSON of another form. */
const DAMAGE = ["", "nonsense", '{"a":', '"text"', "7", '[{"x":[1]},3]'];

describe.each(columns.map(([table, column]) => [`${table}.${column.name}`, column] as const))(
  "%s",
  (place, column) => {
    test.each(DAMAGE)("that holds %p is `ledger_unreadable`, with its place", (stored) => {
      const fault = thrownBy(() => column.mapFromDriverValue(stored));
      expect({ code: fault.code, message: fault.message }).toEqual({
        code: "ledger_unreadable",
        message: `${place} holds an impossible value: ${stored}`,
      });
      expect(fault.hint).toContain("check-ledger shows what is damaged");
    });
  },
);

function thrownBy(work: () => unknown) {
  try {
    work();
  } catch (error) {
    return asFault(error);
  }
  throw new Error("it was read");
}

describe("in a ledger", () => {
  const READS: [
    place: string,
    sql: string,
    read: (ledger: ReturnType<typeof memoryLedger>) => unknown,
  ][] = [
    ["runs.config", "UPDATE runs SET config = '[]' WHERE run = 'coop-a'", ({ runs }) => runs.all()],
    [
      "agents.taken",
      "UPDATE agents SET taken = '{\"notes\":7}'",
      ({ attempts }) => attempts.select({}),
    ],
    [
      "suite_results.tests",
      "UPDATE suite_results SET tests = '[{}]'",
      ({ scores }) => scores.suite("two fails"),
    ],
    [
      "a list of features",
      "UPDATE attempts SET features = '1,x'",
      ({ attempts }) => attempts.select({}),
    ],
  ];
  test.each(READS)("%s that is damaged is told by whoever reads it", (place, sql, read) => {
    using ledger = memoryLedger();
    fill(ledger);
    ledger.query(sql);
    const fault = thrownBy(() => read(ledger));
    expect([fault.code, fault.message.startsWith(`${place} holds an impossible value: `)]).toEqual([
      "ledger_unreadable",
      true,
    ]);
  });

  test("the audit names place and row of each, and nothing else", () => {
    using ledger = memoryLedger();
    fill(ledger);
    expect([...ledger.audit.unreadable()]).toEqual([]);
    addRun(ledger, { run: "odd" });
    ledger.attempts.put([attemptRecord("odd/alpha_task/task1/features_1_2")]);
    ledger.query("UPDATE runs SET config = 'x' WHERE run = 'odd'");
    ledger.query("UPDATE suite_results SET tests = '{}' WHERE suite_key = 'two fails'");
    const rowOf = (table: string, where: string) =>
      Number(ledger.query(`SELECT rowid AS id FROM ${table} WHERE ${where}`)[0]?.id);
    expect([...ledger.audit.unreadable()]).toEqual(
      expect.arrayContaining([
        { place: "runs.config", rowid: rowOf("runs", "run = 'odd'") },
        { place: "suite_results.tests", rowid: rowOf("suite_results", "suite_key = 'two fails'") },
      ]),
    );
    expect([...ledger.audit.unreadable()].length).toBe(2);
  });
});
