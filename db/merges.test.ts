import { describe, expect, test } from "bun:test";
import { addRun, asPatch, attemptRecord, HARD_BYTES, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import { addFault, mergeRecord, mergeRow, sideRow } from "./verdicts.fixture.ts";

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
  ledger.merges.put([mergeRecord([conflict, union])]);
  expect(stored()).toEqual([conflict, union]);
  const later = mergeRow(KEY, { inputs_hash: "later" });
  ledger.merges.put([mergeRecord([later])]);
  expect(stored()).toEqual([later, union]);
});

test("sides are kept in order of their agents, and replaced one by one", () => {
  using ledger = filled();
  const patch = asPatch(Buffer.from("patch"));
  const left_out = [{ path: "tests/a.py", rule: "touched by the tests patch" }];
  const [one, two] = [
    sideRow(KEY, { patch: patch.hash, left_out, repairs: ["final newline"] }),
    sideRow(KEY, { patch: patch.hash, agent_id: "agent2", position: 1, features: [2] }),
  ];
  ledger.merges.put([mergeRecord([mergeRow(KEY)], { sides: [two, one], patches: [patch] })]);
  expect(ledger.merges.sides(KEY)).toEqual([one, two]);
  const failed = { ...two, status: "failed", tree: null, reason: "patch does not apply" } as const;
  ledger.merges.put([mergeRecord([mergeRow(KEY)], { sides: [failed] })]);
  expect(ledger.merges.sides(KEY)).toEqual([one, failed]);
  expect(ledger.merges.sides(OTHER)).toEqual([]);
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
    ledger.merges.put([KEY, OTHER].map((key) => mergeRecord([mergeRow(key)])));
    expect([...ledger.merges.byAttempt(runs).keys()].sort()).toEqual(expected);
  });
});

test.each(Object.entries(HARD_BYTES))("merged diffs keep their bytes: %s", (_, bytes) => {
  using ledger = filled();
  const patch = asPatch(bytes);
  ledger.merges.put([mergeRecord([mergeRow(KEY, { diff: patch.hash })], { patches: [patch] })]);
  const hash = ledger.merges.byAttempt().get(KEY)?.[0]?.diff ?? "none";
  expect(ledger.dataset.patchBytes([hash]).get(hash)).toEqual(Buffer.from(bytes));
});

test("a merge resolves the merge faults of its attempt only", () => {
  using ledger = filled();
  for (const key of [KEY, OTHER]) addFault(ledger, key, { step: "merge", code: "git_failed" });
  addFault(ledger, KEY, { step: "eval" });
  ledger.merges.put([mergeRecord([mergeRow(KEY)])]);
  expect(ledger.faults.open().map(({ unit, step }) => [unit, step])).toEqual([
    [OTHER, "merge"],
    [KEY, "eval"],
  ]);
});
