// Owns the cases of merges in the ledger: replacing, bytes of diffs, reading by run, faults overcome.
import { describe, expect, test } from "bun:test";
import {
  addFault,
  addRun,
  asPatch,
  attemptRecord,
  HARD_BYTES,
  memoryLedger,
  mergeRow,
} from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";

const KEY = "one/alpha_task/task1/features_1_2";
const OTHER = "two/alpha_task/task1/features_1_2";

function filled(): Ledger {
  const ledger = memoryLedger();
  for (const key of [KEY, OTHER]) {
    addRun(ledger, { run: key.slice(0, 3) });
    ledger.attempts.put([attemptRecord(key)]);
  }
  return ledger;
}

test("both strategies are kept, a second merge replaces only its own strategy", () => {
  using ledger = filled();
  const conflict = mergeRow(KEY, {
    status: "conflicts",
    tree: null,
    sections: 2,
    score: 44,
    severity: "medium",
  });
  const union = mergeRow(KEY, { strategy: "union" });
  const stored = () =>
    ledger.merges
      .byAttempt()
      .get(KEY)
      ?.sort((a, b) => (a.strategy < b.strategy ? -1 : 1));
  ledger.merges.put([{ rows: [conflict, union], patches: [] }]);
  expect(stored()).toEqual([conflict, union]);
  const later = mergeRow(KEY, { inputs_hash: "later" });
  ledger.merges.put([{ rows: [later], patches: [] }]);
  expect(stored()).toEqual([later, union]);
});

describe("reading", () => {
  const cases: [title: string, runs: string[] | undefined, expected: string[]][] = [
    ["all runs", undefined, [KEY, OTHER]],
    ["one run", ["two"], [OTHER]],
    ["an unknown run", ["three"], []],
    ["no run", [], []],
  ];
  test.each(cases)("%s", (_, runs, expected) => {
    using ledger = filled();
    ledger.merges.put([KEY, OTHER].map((key) => ({ rows: [mergeRow(key)], patches: [] })));
    expect([...ledger.merges.byAttempt(runs).keys()].sort()).toEqual(expected);
  });
});

test.each(Object.entries(HARD_BYTES))("merged diffs keep their bytes: %s", (_, bytes) => {
  using ledger = filled();
  const patch = asPatch(bytes);
  ledger.merges.put([{ rows: [mergeRow(KEY, { diff: patch.hash })], patches: [patch] }]);
  const hash = ledger.merges.byAttempt().get(KEY)?.[0]?.diff ?? "none";
  expect(ledger.dataset.patchBytes([hash]).get(hash)).toEqual(Buffer.from(bytes));
});

test("a merge resolves the merge faults of its attempt only", () => {
  using ledger = filled();
  for (const key of [KEY, OTHER]) addFault(ledger, key, { step: "merge", code: "git_failed" });
  addFault(ledger, KEY, { step: "eval" });
  ledger.merges.put([{ rows: [mergeRow(KEY)], patches: [] }]);
  expect(ledger.faults.open().map(({ unit, step }) => [unit, step])).toEqual([
    [OTHER, "merge"],
    [KEY, "eval"],
  ]);
});
