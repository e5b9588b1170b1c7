import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asFault, FAULT_CODES, Fault, type FaultCode, UsageError } from "./fault.ts";
import { temporaryFolder } from "./testing.ts";

const withCode = (code: unknown) => Object.assign(new Error("it broke"), { code });

describe("asFault", () => {
  const cases: [title: string, thrown: unknown, code: FaultCode, message: string][] = [
    ["ENOSPC", withCode("ENOSPC"), "disk_full", "it broke"],
    ["EDQUOT", withCode("EDQUOT"), "disk_full", "it broke"],
    ["EACCES", withCode("EACCES"), "not_writable", "it broke"],
    ["EPERM", withCode("EPERM"), "not_writable", "it broke"],
    ["EROFS", withCode("EROFS"), "not_writable", "it broke"],
    ["a full SQLite file", withCode("SQLITE_FULL"), "disk_full", "it broke"],
    ["a locked SQLite file", withCode("SQLITE_BUSY"), "ledger_locked", "it broke"],
    ["a read-only SQLite file", withCode("SQLITE_READONLY"), "not_writable", "it broke"],
    ["a disk that fails", withCode("EIO"), "disk_failed", "it broke"],
    ["S8: a damaged page", withCode("SQLITE_CORRUPT"), "ledger_unreadable", "it broke"],
    ["S8: a damaged index", withCode("SQLITE_CORRUPT_INDEX"), "ledger_unreadable", "it broke"],
    ["S8: no SQLite file", withCode("SQLITE_NOTADB"), "ledger_unreadable", "it broke"],
    ["S8: a read that fails", withCode("SQLITE_IOERR_READ"), "disk_failed", "it broke"],
    ["S8: a sync that fails", withCode("SQLITE_IOERR_FSYNC"), "disk_failed", "it broke"],
    ["S8: no room to share", withCode("SQLITE_IOERR_SHMSIZE"), "disk_full", "it broke"],
    ["S8: an old snapshot", withCode("SQLITE_BUSY_SNAPSHOT"), "ledger_locked", "it broke"],
    ["S8: a lock within", withCode("SQLITE_LOCKED_SHAREDCACHE"), "ledger_locked", "it broke"],
    ["S8: a folder for a file", withCode("SQLITE_CANTOPEN_ISDIR"), "not_writable", "it broke"],
    ["S8: a file moved", withCode("SQLITE_READONLY_DBMOVED"), "ledger_unreadable", "it broke"],
    ["S8: a read-only folder", withCode("SQLITE_READONLY_DIRECTORY"), "not_writable", "it broke"],
    [
      "S8: what a package wrapped",
      new Error("query failed", { cause: withCode("SQLITE_CORRUPT") }),
      "ledger_unreadable",
      "query failed",
    ],
    ["an unknown code", withCode("EWHATEVER"), "internal", "it broke"],
    ["a number for a code", withCode(28), "internal", "it broke"],
    ["an inherited name for a code", withCode("constructor"), "internal", "it broke"],
    [
      "an error without code",
      new TypeError("x is not a function"),
      "internal",
      "x is not a function",
    ],
    ["a text", "just words", "internal", "just words"],
    ["undefined", undefined, "internal", "undefined"],
    ["null", null, "internal", "null"],
    ["an object", { code: "ENOSPC" }, "disk_full", "[object Object]"],
  ];
  test.each(cases)("%s", (_, thrown, code, message) => {
    const fault = asFault(thrown);
    expect(fault).toBeInstanceOf(Fault);
    expect([fault.code, fault.message]).toEqual([code, message]);
    expect(fault.hint).not.toBe("");
    expect(fault.cause).toBe(thrown);
  });

  test("a fault is left as it is", () => {
    const fault = new Fault("no_image", "no image", { hint: "pull it", cause: "why" });
    expect(asFault(fault)).toBe(fault);
  });

  test("errors of the real file system and of a real database find their code", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "a.sqlite");
    using first = new Database(path, { create: true });
    using second = new Database(path);
    first.run("CREATE TABLE t (x)");
    first.run("BEGIN EXCLUSIVE");
    expect(thrownBy(() => second.run("INSERT INTO t VALUES (1)")).code).toBe("ledger_locked");
    expect(thrownBy(() => readFileSync(join(folder.path, "absent"))).code).toBe("internal");
  });
});

describe("what faults and usage errors are", () => {
  test("a fault has its parts, and no cause unless there is one", () => {
    const fault = new Fault("no_image", "no image", { hint: "pull it" });
    expect([fault.name, fault.code, fault.message, fault.hint]).toEqual([
      "Fault",
      "no_image",
      "no image",
      "pull it",
    ]);
    expect("cause" in fault).toBe(false);
    expect(new Fault("internal", "m", { hint: "h", cause: 0 }).cause).toBe(0);
  });

  test("a usage error is no fault", () => {
    const error = new UsageError("unknown flag");
    expect(error).not.toBeInstanceOf(Fault);
    expect([error.name, error.message]).toEqual(["UsageError", "unknown flag"]);
  });

  test("codes are snake_case, in order, each once", () => {
    expect([...FAULT_CODES]).toEqual([...new Set(FAULT_CODES)].sort());
    for (const code of FAULT_CODES) expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });
});

function thrownBy(call: () => unknown): Fault {
  try {
    call();
  } catch (error) {
    return asFault(error);
  }
  throw new Error("nothing was thrown");
}
