import { expect, test } from "bun:test";
import { indexedTask, memoryLedger } from "./ledger.fixture.ts";

const KEY = "a_task/task1/features_1_2";
const facts = (name: string | undefined, dir = "") => ({
  name,
  dir,
  origin: "here",
  revision: null,
});
const version = (task_hash: string) => [indexedTask("a_task", 1, { task_hash })];

test("a second edition replaces what is current, and the first stays with its features and pairs", () => {
  using ledger = memoryLedger();
  ledger.dataset.index("dataset", "v1", version("one"), facts("march", "editions/march"));
  ledger.dataset.index("dataset", "v2", version("two"), facts("august", "editions/august"));
  expect(ledger.dataset.tasks().map(({ task_hash }) => task_hash)).toEqual(["two"]);
  const old = ledger.dataset.tasks("dataset", "v1");
  expect(old.map(({ task_hash, features }) => [task_hash, features.length])).toEqual([["one", 2]]);
  expect(ledger.dataset.pairs({ edition: "v1" }).map(({ pair_key }) => pair_key)).toEqual([KEY]);
  expect(ledger.editions.all("dataset").map(({ name }) => name)).toContain("march");
});

test("gold statuses belong to a version, and come back with it", () => {
  using ledger = memoryLedger();
  const gold = (edition?: string) => ledger.dataset.pairs({ edition }).map((row) => row.gold_naive);
  ledger.dataset.index("dataset", "v1", version("one"));
  ledger.dataset.setGold([{ pair_key: KEY, naive: "conflicts", union: "clean" }]);
  ledger.dataset.index("dataset", "v2", version("two"));
  expect([gold(), gold("v1")]).toEqual([[null], ["conflicts"]]);
  ledger.dataset.setGold([{ pair_key: KEY, naive: "clean", union: "clean" }], "v1");
  expect([gold(), gold("v1")]).toEqual([[null], ["clean"]]);
  ledger.dataset.index("dataset", "v1", version("one"));
  expect(gold()).toEqual(["clean"]);
});

test("a name is the last edition's that was fetched under it; files are the last's in their folder", () => {
  using ledger = memoryLedger();
  ledger.dataset.index("dataset", "v1", version("one"), facts("now"));
  ledger.dataset.index("dataset", "v2", version("two"), facts("now"));
  const all = new Map(ledger.editions.all().map((row) => [row.hash, row]));
  expect([all.get("v1")?.name, all.get("v2")?.name]).toEqual([null, "now"]);
  const [first, second] = [all.get("v1"), all.get("v2")];
  if (!first || !second) throw new Error("an edition is missing");
  expect([ledger.editions.isOnDisk(first), ledger.editions.isOnDisk(second)]).toEqual([
    false,
    true,
  ]);
});

test("a version that no edition had is read as the current one, as ledgers of before had it", () => {
  using ledger = memoryLedger();
  ledger.dataset.index("dataset", "v1", version("one"));
  const at = (task_hash: string) =>
    ledger.dataset.featuresAt({ repo: "a_task", task_id: 1, task_hash }).map((row) => row.title);
  expect(at("never seen")).toEqual(at("one"));
});
