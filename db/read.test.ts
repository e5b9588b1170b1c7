import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../lib/core/files.ts";
import { hasPart, temporaryFolder } from "../lib/core/testing.ts";
import { contents } from "./contents.fixture.ts";
import { follow } from "./follow.ts";
import { addRun, attemptRecord, NOW } from "./ledger.fixture.ts";
import { openLedger, openLedgerToRead } from "./ledger.ts";
import { askLedger } from "./query.ts";
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

/** Adds an attempt whose pages wait beside the file, as a process leaves them that is killed. */
function killedWriterIn(folder: string): string {
  const path = fileIn(folder);
  const away = join(folder, "away");
  mkdirSync(away);
  using writer = openLedger(path);
  writer.attempts.put([attemptRecord(at("4_5"))]);
  for (const name of ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"])
    cpSync(join(folder, name), join(away, name));
  return join(away, "ledger.sqlite");
}

const OLDER = ["DELETE FROM meta WHERE name = 'views'", "DROP VIEW scoreboard"];

describe("reading", () => {
  test("leaves the file as it was, and cannot write", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    const before = contents(folder.path);
    {
      using ledger = openLedgerToRead(path);
      expect(ledger.status.counts(["one"])).toMatchObject([{ done: 4 }]);
      const rows = ledger.runs.all();
      expect(rows.map(({ run }) => run)).toEqual(["one", "two"]);
      for (const row of rows)
        expect(() => ledger.runs.put({ ...row, run: "new" })).toThrow("readonly");
    }
    expect(contents(folder.path)).toEqual(before);
  });

  test("sees what another connection commits, and is in nobody's way", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    using writer = openLedger(path);
    using looked = openLedgerToRead(path);
    looked.status.atOnce(() => {
      expect(looked.status.counts(["one"])).toMatchObject([{ done: 4 }]);
      writer.attempts.put([attemptRecord(at("4_5"))]);
      // One moment for all that is read at once.
      expect(looked.status.counts(["one"])).toMatchObject([{ done: 4 }]);
    });
    expect(looked.status.counts(["one"])).toMatchObject([{ done: 5 }]);
  });

  test("S12: sees what a killed process left beside the file, and leaves it there", () => {
    using folder = temporaryFolder();
    const path = killedWriterIn(folder.path);
    const before = contents(join(path, ".."));
    {
      using ledger = openLedgerToRead(path);
      expect(ledger.status.counts(["one"])).toMatchObject([{ done: 5 }]);
    }
    expect(askLedger(path, "SELECT count(*) AS n FROM attempts")).toEqual([{ n: 5 }]);
    expect(contents(join(path, ".."))).toEqual(before);
  });

  test("S12: a ledger whose views or migrations are of another version is brought up to date elsewhere", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    using database = new Database(path);
    for (const statement of OLDER) database.run(statement);
    database.close();
    const before = contents(folder.path);
    expect(askLedger(path, "SELECT count(*) AS n FROM scoreboard")).toEqual([{ n: 1 }]);
    using ledger = openLedgerToRead(path);
    expect(ledger.runs.all()).toHaveLength(2);
    expect(() => ledger.query("DELETE FROM runs")).toThrow("readonly");
    expect(contents(folder.path)).toEqual(before);
  });

  test("S12: a ledger with the first migration alone is read", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "old.sqlite");
    const migrations = join(import.meta.dir, "migrations");
    const [first = ""] = readdirSync(migrations)
      .filter((name) => name.endsWith(".sql"))
      .sort();
    const text = readFileSync(join(migrations, first), "utf8");
    using database = new Database(path, { create: true });
    database.run(
      "CREATE TABLE migrations (position INTEGER PRIMARY KEY, hash TEXT NOT NULL, applied_at TEXT NOT NULL)",
    );
    for (const statement of text.split("--> statement-breakpoint")) database.run(statement);
    database.run("INSERT INTO migrations VALUES (0, ?, '')", [sha256(text)]);
    database.close();
    const before = contents(folder.path);
    using ledger = openLedgerToRead(path);
    expect(ledger.runs.all()).toEqual([]);
    expect(ledger.query("SELECT * FROM scoreboard")).toEqual([]);
    expect(contents(folder.path)).toEqual(before);
  });

  test("S13: a private copy is followed to what is written later", () => {
    using folder = temporaryFolder();
    const path = killedWriterIn(folder.path);
    using first = openLedgerToRead(path);
    const current = follow(first);
    expect(current()).toBe(first);
    {
      using writer = openLedger(path);
      writer.attempts.put([attemptRecord(at("3_5"))]);
    }
    expect(first.outdated()).toBe(true);
    using next = current();
    expect(next.status.counts(["one"])).toMatchObject([{ done: 6 }]);
  });

  test("a plan writes into a copy, and of no ledger makes none", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    const before = contents(folder.path);
    using plan = openLedgerToRead(path, { mode: "plan" });
    plan.attempts.put([attemptRecord(at("4_5"))]);
    expect(plan.status.counts(["one"])).toMatchObject([{ done: 5 }]);
    using none = openLedgerToRead(join(folder.path, "brand-new.db"), { mode: "plan" });
    expect(none.runs.all()).toEqual([]);
    expect(contents(folder.path)).toEqual(before);
  });

  test("reads no steps, calls, messages, patches or outputs for the status", () => {
    using folder = temporaryFolder();
    const path = fileIn(folder.path);
    const database = new Database(path);
    database.run("PRAGMA foreign_keys = OFF");
    for (const view of ["scoreboard", "outcomes", "imported_verdicts"])
      database.run(`DROP VIEW ${view}`);
    const bulk = ["steps", "calls", "messages", "patches", "outputs", "suite_results", "artefacts"];
    for (const table of bulk) database.run(`DROP TABLE ${table}`);
    database.close();
    using looked = openLedgerToRead(path);
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

/** A program that reads the ledger named by its first argument and prints how many attempts it has. */
const READER = `
  const { openLedgerToRead } = await import(${JSON.stringify(join(import.meta.dir, "ledger.ts"))});
  const ledger = openLedgerToRead(process.argv.at(-1));
  console.log(ledger.status.counts(["one"])[0].done);
  ledger.close();`;
const BUN = [process.execPath, "-e", READER];
const isRoot = process.getuid?.() === 0;

describe.if(isRoot && Bun.which("setpriv") !== null)("S13: another user", () => {
  const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const read = (path: string) => {
    const child = Bun.spawnSync([...NOBODY, ...BUN, path], {
      env: { ...process.env, HOME: "/tmp" },
    });
    return child.stdout.toString() + child.stderr.toString();
  };
  const CASES: [what: string, make: (folder: string) => string, says: string][] = [
    ["a finished ledger", fileIn, "4\n"],
    ["one with pages left beside it", killedWriterIn, "5\n"],
  ];
  test.each(CASES)("reads %s without a right to write", (_, make, says) => {
    using folder = temporaryFolder();
    const path = make(folder.path);
    const place = join(path, "..");
    chmodSync(folder.path, 0o755);
    chmodSync(place, 0o755);
    const before = contents(place);
    expect(read(path)).toBe(says);
    expect(contents(place)).toEqual(before);
  });

  test("reads what a living writer of ours has committed", () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    const path = fileIn(folder.path);
    using writer = openLedger(path);
    writer.attempts.put([attemptRecord(at("4_5"))]);
    const before = contents(folder.path);
    expect(read(path)).toBe("5\n");
    expect(contents(folder.path)).toEqual(before);
    writer.attempts.put([attemptRecord(at("3_5"))]);
  });

  test("is told so when it may not read", () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    const path = fileIn(folder.path);
    chmodSync(path, 0o600);
    expect(read(path)).toContain("cannot be read by this user");
  });
});

describe.if(hasPart("bwrap"))("S13: a read-only mount", () => {
  const read = (path: string, folder: string) => {
    const mount = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--ro-bind", folder, folder];
    const tmp = ["--proc", "/proc", "--tmpfs", "/mnt", "--setenv", "TMPDIR", "/mnt"];
    const child = Bun.spawnSync([...mount, ...tmp, ...BUN, path]);
    return child.stdout.toString() + child.stderr.toString();
  };
  test("is read, with pages beside the file too", () => {
    using folder = temporaryFolder();
    const path = killedWriterIn(folder.path);
    const before = contents(join(path, ".."));
    expect(read(path, folder.path)).toBe("5\n");
    expect(read(join(folder.path, "ledger.sqlite"), folder.path)).toBe("5\n");
    expect(contents(join(path, ".."))).toEqual(before);
  });
});
