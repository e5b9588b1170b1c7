import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, UsageError } from "../lib/core/fault.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { contents } from "./contents.fixture.ts";
import { openLedger, openLedgerToRead } from "./ledger.ts";

setDefaultTimeout(60_000);

describe("S12: refused, and nothing changes:", () => {
  const edited = (statement: string) => (path: string) => {
    const database = new Database(path, { create: true });
    database.run(statement);
    database.close();
  };
  const cases: [title: string, make: (path: string) => void, kind: string, words: RegExp][] = [
    [
      "a file that is not there",
      () => undefined,
      "usage",
      /there is no ledger at .*: name another with --ledger/,
    ],
    [
      "a mistyped name",
      (path) => openLedger(path.replace("file", "fiel")).close(),
      "usage",
      /there is no ledger at .*did you mean .*fiel\.sqlite\?/,
    ],
    [
      "a name unlike the ones that are there",
      (path) => {
        for (const name of ["aaaaaaa", "bbbbbbb"]) openLedger(path.replace("file", name)).close();
      },
      "usage",
      /there is no ledger at .*there are .*aaaaaaa\.sqlite, .*bbbbbbb\.sqlite/,
    ],
    [
      "a link to nothing",
      (path) => symlinkSync("nowhere.sqlite", path),
      "usage",
      /there is no ledger at .*link to nowhere\.sqlite, which is not there/,
    ],
    [
      "a link to itself",
      (path) => symlinkSync("file.sqlite", path),
      "usage",
      /there is no ledger at/,
    ],
    ["a folder", (path) => mkdirSync(path), "usage", /there is no ledger at .*is a folder/],
    ["an empty file", (path) => writeFileSync(path, ""), "usage", /the file is empty/],
    [
      "a ledger of a newer Tandem",
      (path) => {
        openLedger(path).close();
        edited("INSERT INTO migrations SELECT max(position) + 1, 'later', '' FROM migrations")(
          path,
        );
      },
      "ledger_newer",
      /newer or different Tandem/,
    ],
    [
      "another program's file",
      edited("CREATE TABLE songs (title TEXT)"),
      "ledger_unreadable",
      /not a Tandem ledger/,
    ],
    [
      "a SQLite file without a table",
      edited("PRAGMA user_version = 3"),
      "ledger_unreadable",
      /not a Tandem ledger/,
    ],
    [
      "a text file",
      (path) => writeFileSync(path, "key,value\n".repeat(1000)),
      "ledger_unreadable",
      /not a database/,
    ],
  ];
  const modes = cases.flatMap((one) => [["read", ...one] as const, ["plan", ...one] as const]);
  test.each(modes)("to %s %s", (mode, title, make, kind, words) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "file.sqlite");
    make(path);
    const before = contents(folder.path);
    const error = thrown(() => openLedgerToRead(path, { mode }).close());
    const fresh =
      mode === "plan" &&
      ["is not there", "empty", "unlike", "without a table"].some((one) => title.includes(one));
    if (fresh) expect(error).toBeUndefined();
    else {
      const found = error instanceof UsageError ? "usage" : error instanceof Fault && error.code;
      expect(found).toBe(kind);
      expect(String(error)).toMatch(words);
      expect(String(error)).toContain(path);
    }
    expect(contents(folder.path)).toEqual(before);
  });

  test.each(["read", "plan"] as const)("to %s in a folder that is not there", (mode) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "new/ledger.sqlite");
    expect(String(thrown(() => openLedgerToRead(path, { mode })))).toMatch(/there is no folder/);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("to plan in an empty folder, where the default's folder is not there either", () => {
    using folder = temporaryFolder();
    const script = `
      const { openLedgerToRead } = await import(${JSON.stringify(join(import.meta.dir, "ledger.ts"))});
      const { DEFAULT_LEDGER } = await import(${JSON.stringify(join(import.meta.dir, "../lib/core/vocabulary.ts"))});
      openLedgerToRead(DEFAULT_LEDGER, { mode: process.argv.at(-1) }).close();`;
    const opens = (mode: string) =>
      Bun.spawnSync([process.execPath, "-e", script, mode], { cwd: folder.path }).success;
    expect([opens("plan"), opens("read"), readdirSync(folder.path)]).toEqual([true, false, []]);
  });

  test.each(["read", "plan"] as const)("to %s beneath a file", (mode) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "file"), "");
    const path = join(folder.path, "file/ledger.sqlite");
    const error = thrown(() => openLedgerToRead(path, { mode }));
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(/there is no ledger at/);
  });
});

function thrown(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
