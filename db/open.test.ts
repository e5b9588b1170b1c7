import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Fault } from "../lib/core/fault.ts";
import { sha256 } from "../lib/core/files.ts";
import { hasPart, temporaryFolder } from "../lib/core/testing.ts";
import { openLedger } from "./ledger.ts";
import { openDatabase } from "./open.ts";

setDefaultTimeout(60_000);

const LEDGER_MODULE = join(import.meta.dir, "ledger.ts");

const MIGRATIONS_FOLDER = join(import.meta.dir, "migrations");
const MIGRATIONS = (
  JSON.parse(readFileSync(join(MIGRATIONS_FOLDER, "meta/_journal.json"), "utf8")) as {
    entries: unknown[];
  }
).entries.length;

/** The fault that opening `path` ends with. */
function faultOf(path: string): Fault {
  try {
    openDatabase(path).close();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`${path} was opened`);
}

/** A program that opens the ledger named by its first argument and prints `opened` or the code of the fault. */
const OPENER = `
  const { openLedger } = await import(${JSON.stringify(LEDGER_MODULE)});
  try { openLedger(process.argv.at(-1)).close(); console.log("opened"); }
  catch (error) { console.log(error.code ?? String(error)); }`;

describe("a new ledger", () => {
  test("is made with its folders, in WAL mode, with foreign keys and a busy timeout", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "not/there/yet/ledger.sqlite");
    using ledger = openLedger(path);
    expect(ledger.query("PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
    expect(ledger.query("PRAGMA foreign_keys")).toEqual([{ foreign_keys: 1 }]);
    expect(ledger.query("PRAGMA busy_timeout")).toEqual([{ timeout: 10_000 }]);
    expect(ledger.query("PRAGMA foreign_key_check")).toEqual([]);
  });

  test("U11: leaves nothing beside it when it is closed, however much was asked", () => {
    using folder = temporaryFolder();
    const ledger = openLedger(join(folder.path, "ledger.sqlite"));
    for (let asked = 0; asked < 20; asked++) {
      ledger.runs.all();
      ledger.attempts.select({});
      ledger.query(`SELECT ${asked}`);
    }
    ledger.close();
    expect(readdirSync(folder.path)).toEqual(["ledger.sqlite"]);
  });

  test("has each migration once, also after it is opened again", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    const applied = () => {
      using ledger = openLedger(path);
      return ledger.query("SELECT * FROM migrations ORDER BY position");
    };
    const first = applied();
    expect(first.length).toBe(MIGRATIONS);
    expect(applied()).toEqual(first);
  });

  test("of the first version keeps its rows when it is brought up to date", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    const first = readFileSync(join(MIGRATIONS_FOLDER, "0000_first.sql"), "utf8");
    using old = new Database(path);
    for (const statement of first.split("--> statement-breakpoint")) old.run(statement);
    old.run("CREATE TABLE migrations (position INTEGER PRIMARY KEY, hash TEXT, applied_at TEXT)");
    old.query("INSERT INTO migrations VALUES (0, ?, '')").run(sha256(first));
    old.run("INSERT INTO runs VALUES ('r','coop','mini','m','{}','h','0','0','0','d','now')");
    old.run(
      "INSERT INTO attempts VALUES ('r/t_task/task1/features_1_2','r','t_task/task1/features_1_2','t_task',1,'1,2',1,'h','submitted','a','b',5)",
    );
    old.close();
    using ledger = openLedger(path);
    expect(ledger.query("SELECT position FROM migrations")).toHaveLength(MIGRATIONS);
    expect(ledger.attempts.select({ run: "r" })).toMatchObject([
      { wall_ms: 5, replay_of: null, diverged: null, agents: [] },
    ]);
  });

  test("takes an empty file for a new one", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    writeFileSync(path, "");
    using ledger = openLedger(path);
    expect(ledger.runs.all()).toEqual([]);
  });

  test("opened by six processes at the same moment is migrated once, and all of them can use it", async () => {
    using folder = temporaryFolder();
    for (const round of [1, 2]) {
      const path = join(folder.path, `ledger${round}.sqlite`);
      const said = await Promise.all(
        Array.from({ length: 6 }, async () => {
          const child = Bun.spawn([process.execPath, "-e", OPENER, path], { stderr: "pipe" });
          return (
            (await new Response(child.stdout).text()) + (await new Response(child.stderr).text())
          );
        }),
      );
      expect(said).toEqual(Array.from({ length: 6 }, () => "opened\n"));
      using ledger = openLedger(path);
      expect(ledger.query("SELECT position FROM migrations")).toHaveLength(MIGRATIONS);
    }
  });
});

describe("views", () => {
  test("of another version of their file are made again", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    openLedger(path).close();
    const database = new Database(path);
    database.run("DROP VIEW scoreboard");
    database.run("UPDATE meta SET value = 'older' WHERE name = 'views'");
    database.close();
    using ledger = openLedger(path);
    expect(ledger.query("SELECT * FROM scoreboard")).toEqual([]);
    const stored = ledger.query("SELECT value FROM meta WHERE name = 'views'");
    expect(stored).toEqual([{ value: sha256(readFileSync(join(import.meta.dir, "views.sql"))) }]);
  });
});

describe("a refused file is left as it was", () => {
  const ledgerWith = (statement: string) => (path: string) => {
    openLedger(path).close();
    const database = new Database(path);
    database.run(statement);
    database.close();
  };
  const sqliteWith = (statement: string) => (path: string) => {
    const database = new Database(path, { create: true });
    database.run(statement);
    database.close();
  };
  const cases: [title: string, make: (path: string) => void, code: string, hint: RegExp][] = [
    [
      "a newer ledger",
      ledgerWith("INSERT INTO migrations SELECT max(position) + 1, 'later', '' FROM migrations"),
      "ledger_newer",
      new RegExp(`update Tandem.*migration ${MIGRATIONS + 1} is unknown`),
    ],
    [
      "a ledger of another branch",
      ledgerWith("UPDATE migrations SET hash = 'other' WHERE position = 0"),
      "ledger_newer",
      /migration 1 is unknown/,
    ],
    [
      "a SQLite file of another program",
      sqliteWith("CREATE TABLE songs (title TEXT)"),
      "ledger_unreadable",
      /--ledger/,
    ],
    [
      "another program's file with a table `migrations`",
      sqliteWith("CREATE TABLE migrations (id INTEGER PRIMARY KEY, migration TEXT)"),
      "ledger_unreadable",
      /--ledger/,
    ],
    [
      "a text file",
      (path) => writeFileSync(path, "key,value\n".repeat(1000)),
      "ledger_unreadable",
      /nothing was changed/,
    ],
  ];
  test.each(cases)("%s", (_, make, code, hint) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "file.sqlite");
    make(path);
    const before = sha256(readFileSync(path));
    const fault = faultOf(path);
    expect(fault.code).toBe(code as Fault["code"]);
    expect(fault.message).toContain(path);
    expect(fault.hint).toMatch(hint);
    expect(sha256(readFileSync(path))).toBe(before);
    expect(readdirSync(folder.path)).toEqual(["file.sqlite"]);
  });

  test("a folder in the file's place, and a file in the folder's place", () => {
    using folder = temporaryFolder();
    expect(faultOf(folder.path).code).toBe("not_writable");
    writeFileSync(join(folder.path, "file"), "");
    expect(faultOf(join(folder.path, "file/ledger.sqlite")).code).toBe("not_writable");
  });
});

/** Runs the opener where `folder` cannot be written: by its mode, or under a read-only mount for root, whom modes do not bind. */
const isRoot = process.getuid?.() === 0;
const canLock = !isRoot || hasPart("bwrap");
if (!canLock) process.stderr.write("skipped: read-only folders: root, and no working bubblewrap\n");

describe.if(canLock)("a read-only folder", () => {
  const openIn = (folder: string, path: string): string => {
    if (!isRoot) chmodSync(folder, 0o555);
    const mount = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"];
    const room = isRoot ? [...mount, "--ro-bind", folder, folder] : [];
    const child = Bun.spawnSync([...room, process.execPath, "-e", OPENER, path]);
    if (!isRoot) chmodSync(folder, 0o755);
    return child.stdout.toString() + child.stderr.toString();
  };

  test("holds no new ledger and no new folder", () => {
    using folder = temporaryFolder();
    expect(openIn(folder.path, join(folder.path, "ledger.sqlite"))).toBe("not_writable\n");
    expect(openIn(folder.path, join(folder.path, "new/ledger.sqlite"))).toBe("not_writable\n");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("with a ledger in it leaves the ledger as it was", () => {
    using folder = temporaryFolder();
    const place = join(folder.path, "place");
    mkdirSync(place);
    const path = join(place, "ledger.sqlite");
    openLedger(path).close();
    const before = sha256(readFileSync(path));
    expect(openIn(place, path)).toBe("not_writable\n");
    expect(sha256(readFileSync(path))).toBe(before);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});
