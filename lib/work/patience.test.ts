import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { patiently } from "./patience.ts";

/** Two connections to one file; the first does not wait by itself. */
function twoConnections() {
  const folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  const [mine, other] = [new Database(path), new Database(path)];
  mine.run("PRAGMA journal_mode = WAL");
  mine.run("PRAGMA busy_timeout = 0");
  mine.run("CREATE TABLE t (n INTEGER)");
  return {
    other,
    count: () => mine.query<{ n: number }, []>("SELECT count(*) AS n FROM t").get()?.n,
    write: () => mine.transaction(() => mine.run("INSERT INTO t VALUES (1)")).immediate(),
    [Symbol.dispose]() {
      mine.close();
      other.close();
      folder[Symbol.dispose]();
    },
  };
}

test("work on a ledger that a writer holds is done once, when the writer is through", async () => {
  using place = twoConnections();
  place.other.run("BEGIN EXCLUSIVE");
  const order: string[] = [];
  const writing = patiently(place.write).then(() => order.push("written"));
  await Bun.sleep(50);
  order.push("let go");
  place.other.run("ROLLBACK");
  await writing;
  expect(order).toEqual(["let go", "written"]);
  expect(place.count()).toBe(1);
});

test("a reader is no reason to wait", async () => {
  using place = twoConnections();
  place.other.run("BEGIN");
  place.other.query("SELECT count(*) FROM t").get();
  await patiently(place.write);
  expect(place.count()).toBe(1);
  place.other.run("ROLLBACK");
});

test("once aborted, a held ledger is a fault, and what the work had begun is undone", async () => {
  using place = twoConnections();
  place.other.run("BEGIN EXCLUSIVE");
  const stop = new AbortController();
  const writing = patiently(place.write, stop.signal);
  stop.abort();
  await expect(writing).rejects.toMatchObject({ code: "SQLITE_BUSY" });
  place.other.run("ROLLBACK");
  expect(place.count()).toBe(0);
});

const OTHERS = [
  new Fault("lease_lost", "taken over", { hint: "nothing to do" }),
  new Fault("disk_full", "no space", { hint: "free some" }),
  new TypeError("a defect"),
];
test.each(OTHERS)("what else it throws is thrown at once (%#)", async (error) => {
  let tries = 0;
  const work = () => {
    tries++;
    throw error;
  };
  await expect(patiently(work)).rejects.toBe(error);
  expect(tries).toBe(1);
});
