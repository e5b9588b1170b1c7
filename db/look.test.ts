// Owns the cases of opening a ledger only to look: what is seen, that nothing changes, and what is refused.
import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, UsageError } from "../lib/fault.ts";
import { sha256 } from "../lib/files.ts";
import { temporaryFolder } from "../lib/testing.ts";
import { addRun, attemptRecord, NOW } from "./ledger.fixture.ts";
import { openLedger } from "./ledger.ts";
import { openToLook } from "./look.ts";
import { addFault } from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

const at = (pair: string) => `one/alpha_task/task1/features_${pair}`;

/** A ledger file with rows, closed, with nothing left to be moved into it. */
function fileIn(folder: string): string {
  const path = join(folder, "ledger.sqlite");
  using ledger = openLedger(path);
  addRun(ledger, { run: "one" });
  addRun(ledger, { run: "two", created_at: "2026-02-01T00:00:00.000Z" });
  ledger.attempts.put(["1_2", "1_3", "1_4", "1_5"].map((pair) => attemptRecord(at(pair))));
  addFault(ledger, at("2_3"));
  ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
  return path;
}

describe("looking", () => {
  test("leaves the file as it was, and cannot write", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    const before = sha256(readFileSync(path));
    {
      using looked = openToLook(path);
      expect(looked.status.counts(["one"])).toMatchObject([{ done: 4 }]);
      const rows = looked.runs.all();
      expect(rows.map(({ run }) => run)).toEqual(["one", "two"]);
      for (const row of rows)
        expect(() => looked.runs.put({ ...row, run: "new" })).toThrow("readonly");
    }
    expect(sha256(readFileSync(path))).toBe(before);
  });

  test("sees what another connection commits, and is in nobody's way", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    using writer = openLedger(path);
    using looked = openToLook(path);
    looked.status.atOnce(() => {
      expect(looked.status.counts(["one"])).toMatchObject([{ done: 4 }]);
      writer.attempts.put([attemptRecord(at("4_5"))]);
      // One moment for all that is read at once.
      expect(looked.status.counts(["one"])).toMatchObject([{ done: 4 }]);
    });
    expect(looked.status.counts(["one"])).toMatchObject([{ done: 5 }]);
  });

  test("reads no steps, calls, messages, patches or outputs", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    const database = new Database(path);
    database.run("PRAGMA foreign_keys = OFF");
    for (const view of ["scoreboard", "outcomes", "imported_verdicts"])
      database.run(`DROP VIEW ${view}`);
    const bulk = ["steps", "calls", "messages", "patches", "outputs", "suite_results", "artefacts"];
    for (const table of bulk) database.run(`DROP TABLE ${table}`);
    database.close();
    using looked = openToLook(path);
    const { status } = looked;
    expect(status.counts(undefined)).toHaveLength(2);
    expect(status.spent(undefined)).toHaveLength(1);
    expect(status.openFaults(undefined)).toHaveLength(1);
    expect([
      status.doneSince(NOW, undefined),
      status.leases(undefined),
      status.processes(),
    ]).toEqual([[], [], []]);
  });
});

describe("looking refuses, and changes nothing:", () => {
  const edited = (statement: string) => (path: string) => {
    const database = new Database(path, { create: true });
    database.run(statement);
    database.close();
  };
  const cases: [title: string, make: (path: string) => void, kind: string, words: RegExp][] = [
    ["a file that is not there", () => undefined, "usage", /there is no ledger at .*--ledger/],
    [
      "a ledger of an older Tandem",
      (path) => {
        openLedger(path).close();
        edited("DELETE FROM migrations WHERE position > 0")(path);
      },
      "usage",
      /older Tandem.*brings it up to date/,
    ],
    [
      "a ledger of a newer Tandem",
      (path) => {
        openLedger(path).close();
        edited("INSERT INTO migrations SELECT max(position) + 1, 'later', '' FROM migrations")(
          path,
        );
      },
      "ledger_newer",
      /newer Tandem/,
    ],
    [
      "another program's file",
      edited("CREATE TABLE songs (title TEXT)"),
      "ledger_unreadable",
      /not a Tandem ledger/,
    ],
    [
      "an empty file",
      (path) => writeFileSync(path, ""),
      "ledger_unreadable",
      /not a Tandem ledger/,
    ],
    [
      "a text file",
      (path) => writeFileSync(path, "key,value\n".repeat(1000)),
      "ledger_unreadable",
      /cannot be read/,
    ],
    ["a folder", (path) => mkdirSync(path), "ledger_unreadable", /cannot be read/],
  ];
  test.each(cases)("%s", (_, make, kind, words) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "file.sqlite");
    make(path);
    const contents = () =>
      readdirSync(folder.path, { withFileTypes: true }).map((entry) => [
        entry.name,
        entry.isFile() ? sha256(readFileSync(join(folder.path, entry.name))) : "folder",
      ]);
    const before = contents();
    const error = thrown(() => openToLook(path)[Symbol.dispose]());
    expect(error instanceof UsageError ? "usage" : error instanceof Fault && error.code).toBe(kind);
    expect(String(error)).toMatch(words);
    expect(String(error)).toContain(path);
    expect(contents()).toEqual(before);
  });
});

function thrown(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
