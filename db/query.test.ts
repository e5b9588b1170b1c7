import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../lib/core/fault.ts";
import { sha256 } from "../lib/core/files.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { openLedger } from "./ledger.ts";
import { fill } from "./queries/filled.fixture.ts";
import { askLedger } from "./query.ts";

const folder = temporaryFolder();
const path = join(folder.path, "ledger.sqlite");
const ledger = openLedger(path);
fill(ledger);
afterAll(() => {
  ledger.close();
  folder[Symbol.dispose]();
});

describe("a question", () => {
  const cases: [sql: string, rows: Record<string, unknown>[]][] = [
    ["SELECT run FROM runs WHERE run = 'idle'", [{ run: "idle" }]],
    ["-- a comment; with a semicolon\nselect 1 as a; -- and another;\n", [{ a: 1 }]],
    ["/* ; */ WITH x AS (SELECT 2 AS b) SELECT * FROM x;;", [{ b: 2 }]],
    ["VALUES (1)", [{ column1: 1 }]],
    [
      "SELECT ';' AS \"a;b\", 'it''s; so' AS [c;d], 1 AS `e;f`",
      [{ "a;b": ";", "c;d": "it's; so", "e;f": 1 }],
    ],
    [
      "SELECT 9007199254740993 AS big, 9007199254740991 AS exact",
      [{ big: "9007199254740993", exact: 9007199254740991 }],
    ],
    ["SELECT 0.5 AS f, NULL AS n, x'00ff' AS bytes", [{ f: 0.5, n: null, bytes: "00ff" }]],
    ["SELECT 1 AS a WHERE 0", []],
  ];
  test.each(cases)("%s", (sql, rows) => {
    expect<unknown>(askLedger(path, sql)).toEqual(rows);
  });

  const queries = join(import.meta.dir, "queries");
  test.each(readdirSync(queries).filter((name) => name.endsWith(".sql")))("%s of ours", (name) => {
    const text = readFileSync(join(queries, name), "utf8");
    const rows: unknown = ledger.query(text);
    expect<unknown>(askLedger(path, text)).toEqual(rows);
  });
});

describe("refused in one line", () => {
  const out = join(folder.path, "out.sqlite");
  const cases: [sql: string, says: string][] = [
    ["DELETE FROM runs", "begins with DELETE"],
    ["WITH x AS (SELECT 1) DELETE FROM runs RETURNING run", "can only read"],
    ["WITH x AS (SELECT 1) INSERT INTO meta SELECT 'a', 'b'", "can only read"],
    [`VACUUM INTO '${out}'`, "begins with VACUUM"],
    [`ATTACH '${out}' AS other`, "begins with ATTACH"],
    ["PRAGMA user_version = 5", "begins with PRAGMA"],
    ["CREATE TABLE mine (a)", "begins with CREATE"],
    ["SELECT 1; DELETE FROM runs", "several statements"],
    ["SELECT 1; SELECT 2", "several statements"],
    ["", "empty"],
    ["-- only a comment", "empty"],
    ["SELECT * FRO runs", "the query is wrong: near"],
    ["SELECT * FROM rnus", "no such table: rnus"],
    ["SELECT 'open", "the query is wrong"],
    ["SELECT 1 AS a, 2 AS a", 'two columns "a"'],
    ["SELECT * FROM runs WHERE run = ?", "parameters"],
    ["SELECT load_extension('x')", "the query is wrong"],
  ];
  test.each(cases)("%s", (sql, says) => {
    const before = sha256(readFileSync(path));
    let refused: unknown;
    try {
      askLedger(path, sql);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(UsageError);
    expect(String(refused)).toContain(says);
    expect(String(refused)).not.toContain("\n");
    expect(sha256(readFileSync(path))).toBe(before);
    expect(existsSync(out)).toBe(false);
  });
});

test("a ledger that is being written can be asked", () => {
  using writer = new Database(path);
  writer.run("BEGIN IMMEDIATE");
  writer.run("INSERT INTO meta VALUES ('half', 'done')");
  expect(askLedger(path, "SELECT count(*) AS n FROM meta WHERE name = 'half'")).toEqual([{ n: 0 }]);
  writer.run("ROLLBACK");
});
