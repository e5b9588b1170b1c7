import { describe, expect, test } from "bun:test";
import type { MergeRow, Outcome } from "../../db/schema.ts";
import { importedDifferences } from "./differences.ts";
import { coopPair, exchangePlace } from "./tree.fixture.ts";

type Ours = {
  readonly naive: MergeRow["status"];
  readonly union: boolean;
  readonly agent1: boolean;
};
type Theirs = {
  readonly passed: boolean | null;
  readonly status: string | null;
  readonly strategy?: string | null;
};

/** One imported attempt with both verdicts. */
async function compared(theirs: Theirs, ours: Ours | undefined) {
  using place = exchangePlace();
  const { passed, status, strategy = "naive" } = theirs;
  place.write("in/theirs/coop/demo_task/1/f1_f2", {
    ...coopPair([1, 2]),
    "eval.json": { json: { both_passed: passed, merge: { status, strategy } } },
  });
  await place.read("in");
  const attempt_key = "theirs/demo_task/task1/features_1_2";
  if (ours) {
    const fields = { inputs_hash: "i", scored_at: "2026-01-02T03:04:05.678Z", cause: null };
    const score = (policy: "union" | "agent1", good: boolean) => {
      const outcome: Outcome = good ? "passed" : "failed";
      return { attempt_key, policy, outcome, passed: good, path: null, ...fields };
    };
    const { ledger } = place;
    const counts = { sections: 0, lines: 0, files: 0, score: 0, severity: "none" };
    const row = {
      attempt_key,
      strategy: "naive",
      status: ours.naive,
      base_tree: "t",
      ...counts,
    } as const;
    const kept = {
      ...row,
      inputs_hash: "i",
      base_kind: "patches",
      merged_at: fields.scored_at,
    } as const;
    ledger.merges.put([{ rows: [kept], sides: [], patches: [] }]);
    ledger.scores.put(attempt_key, [score("union", ours.union), score("agent1", ours.agent1)], []);
  }
  return importedDifferences(place.ledger, { runs: ["theirs"] });
}

const OURS = { naive: "clean", union: true, agent1: true } as const;

describe("verdicts", () => {
  const cases: [what: string, theirs: Theirs, ours: Ours | undefined, expected: unknown][] = [
    ["agree", { passed: true, status: "clean" }, OURS, []],
    ["differ", { passed: false, status: "clean" }, OURS, [{ differs: "verdict", policy: "union" }]],
    [
      "of merges differ",
      { passed: true, status: "conflicts", strategy: "union" },
      OURS,
      [{ differs: "merge", theirs_merge: "conflicts", ours_merge: "clean" }],
    ],
    [
      "differ in both",
      { passed: false, status: "conflicts", strategy: null },
      OURS,
      [{ differs: "verdict and merge", policy: "union" }],
    ],
    [
      "on one patch are compared under agent1",
      { passed: true, status: "conflicts", strategy: "solo-agent1" },
      { naive: "conflicts", union: false, agent1: true },
      [],
    ],
    [
      "on a conflict that stayed are compared under agent1",
      { passed: false, status: "conflicts", strategy: "naive" },
      { naive: "conflicts", union: true, agent1: false },
      [],
    ],
    [
      "on identical patches agree",
      { passed: true, status: "identical", strategy: "skip-merge-identical" },
      OURS,
      [],
    ],
    ["on an empty patch agree", { passed: true, status: "clean" }, { ...OURS, naive: "empty" }, []],
    [
      "on what does not apply agree",
      { passed: false, status: "missing_input", strategy: null },
      { naive: "apply_failed", union: false, agent1: false },
      [],
    ],
    ["that they do not have are none", { passed: null, status: null }, OURS, []],
    ["that they do not have after an error are none", { passed: null, status: "error" }, OURS, []],
    ["that we do not have are none", { passed: false, status: "conflicts" }, undefined, []],
  ];
  test.each(cases)("that %s", async (_what, theirs, ours, expected) => {
    const { rows, counts } = await compared(theirs, ours);
    expect(rows).toMatchObject(expected as typeof rows);
    expect(counts.imported).toBe(1);
    expect(
      counts.verdicts_agree + rows.filter(({ differs }) => differs.startsWith("verdict")).length,
    ).toBe(counts.judged_by_both);
    expect(
      counts.merges_agree + rows.filter(({ differs }) => differs.endsWith("merge")).length,
    ).toBe(counts.merged_by_both);
    expect(counts.without_theirs).toBe(theirs.passed === null ? 1 : 0);
    expect(counts.without_ours).toBe(ours === undefined ? 1 : 0);
  });

  test("of runs that were not imported are not there", () => {
    using place = exchangePlace();
    expect(importedDifferences(place.ledger)).toMatchObject({ rows: [], counts: { imported: 0 } });
  });
});
