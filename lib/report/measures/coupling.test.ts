import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import {
  addRun,
  asPatch,
  attemptRecord,
  indexedTask,
  memoryLedger,
} from "../../../db/ledger.fixture.ts";
import { mergeRecord, mergeRow, sideRow } from "../../../db/verdicts.fixture.ts";
import { describeWith, temporaryFolder, testData } from "../../core/testing.ts";
import { indexDataset } from "../../dataset/index.ts";
import { merge } from "../../stages/merge.ts";
import { run as runAgents } from "../../stages/run.ts";
import { anatomyLines, conflictLines } from "./conflicts.ts";
import { couplingLines, distanceLines } from "./coupling.ts";

setDefaultTimeout(300_000);

/** Changes line `line` of a file of forty lines, with no context. */
const change = (line: number, file = "a.py") =>
  asPatch(
    Buffer.from(
      `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -${line},1 +${line},1 @@ def f():\n-old ${line}\n+new ${line}\n`,
    ),
  );

describe("a run of agents", () => {
  const ledger = memoryLedger();
  afterAll(() => ledger.close());
  ledger.dataset.index("dataset", "v1", [indexedTask("alpha_task", 1, { features: [1, 2, 3] })]);
  for (const [run, agent] of [
    ["coop", "mini"],
    ["gold", "gold"],
  ] as const)
    addRun(ledger, { run, agent });

  type Merged = {
    run?: string;
    status: "clean" | "conflicts" | "empty";
    lines: [number, number][];
  };
  const merged = (features: string, { run = "coop", status, lines }: Merged) => {
    const key = `${run}/alpha_task/task1/features_${features}`;
    const patches = lines.map(([line, file]) => change(line, `${file}.py`));
    ledger.attempts.put([attemptRecord(key)]);
    const sides = patches.map(({ hash }, position) =>
      sideRow(key, { agent_id: `agent${position + 1}`, position, patch: hash }),
    );
    ledger.merges.put([mergeRecord([mergeRow(key, { status })], { sides, patches })]);
  };
  // One line, the next line, far apart, another file; and one that is no merge.
  merged("1_2", {
    status: "conflicts",
    lines: [
      [9, 0],
      [9, 0],
    ],
  });
  merged("1_3", {
    status: "conflicts",
    lines: [
      [9, 0],
      [10, 0],
    ],
  });
  merged("2_3", {
    status: "clean",
    lines: [
      [9, 0],
      [30, 0],
    ],
  });
  merged("1_2~2", {
    status: "clean",
    lines: [
      [9, 0],
      [9, 1],
    ],
  });
  merged("1_3~2", {
    status: "empty",
    lines: [
      [9, 0],
      [9, 0],
    ],
  });
  merged("1_2", {
    run: "gold",
    status: "conflicts",
    lines: [
      [9, 0],
      [9, 0],
    ],
  });

  const rows = couplingLines(ledger, { runs: ["coop", "gold"] });
  const lines = (patches: string, merge: string, trait: string) =>
    rows.filter((row) => row.patches === patches && row.merge === merge && row.trait === trait);

  const cases: [trait: string, has: number, hits: number, rate_without: number][] = [
    ["common file", 3, 2, 0],
    ["shared line", 1, 1, 1 / 3],
    ["shared anchor", 2, 2, 0],
    ["shared line or anchor", 2, 2, 0],
    ["within 3 lines", 2, 2, 0],
    ["same scope", 3, 2, 0],
    ["same new symbol", 0, 0, 0.5],
  ];
  test.each(cases)("foretells conflicts by %s", (trait, has, hits, rate_without) => {
    expect(lines("agents", "run", trait)).toMatchObject([
      {
        ...{ run: "coop", attempts: 4, conflicts: 2, share: has / 4, attempts_with_trait: has },
        ...{ conflicts_with_trait: hits, conflict_rate_without_trait: rate_without },
        ...{ precision: has === 0 ? null : hits / has, recall: hits / 2 },
      },
    ]);
  });

  test("has its reference patches beside it, against their own merge and the run's", () => {
    // The reference merge is known of one pair, that the agents of two attempts worked on (and one was empty).
    expect(lines("gold", "gold", "common file")[0]).toMatchObject({
      attempts: 2,
      conflicts: 2,
      attempts_with_trait: 2,
    });
    expect(lines("gold", "run", "common file")).toMatchObject([
      { attempts: 4, conflicts: 2, attempts_with_trait: 4 },
    ]);
  });

  test("of the reference patches has one set of lines", () => {
    const own = rows.filter(({ run }) => run === "gold");
    expect(own).toHaveLength(cases.length);
    expect(own[1]).toMatchObject({
      patches: "gold",
      merge: "gold",
      attempts: 1,
      attempts_with_trait: 1,
      conflicts_with_trait: 1,
    });
  });

  test("has quartiles of its coupling, unknown where there is no distance", () => {
    const spreads = distanceLines(ledger, { runs: ["coop"] });
    const agents = spreads.filter(({ patches }) => patches === "agents");
    expect(agents).toMatchObject([
      { measure: "file_jaccard", known_values: 4, q1: 0.75, median: 1, mean: 0.75 },
      { measure: "shared_base_lines", known_values: 4, median: 0, mean: 0.25 },
      { measure: "shared_anchors", known_values: 4, mean: 0.75 },
      { measure: "min_hunk_distance", known_values: 3, unknown_values: 1, median: 0, q3: 10 },
    ]);
  });
});

describeWith("data", "the reference patches of all pairs", () => {
  const folder = temporaryFolder("tandem-measures");
  const ledger = memoryLedger();
  afterAll(() => {
    ledger.close();
    folder[Symbol.dispose]();
  });
  const scope = { runs: ["gold"] };
  const ready = (async () => {
    const dataset_dir = testData?.dataset ?? "";
    indexDataset(ledger, dataset_dir, "dataset");
    const places = { ledger, dataset_dir, log_dir: join(folder.path, "logs") };
    await runAgents({ ...places, name: "gold", agent: "gold" });
    await merge({ ...places, select: { run: "gold" } });
  })();

  test("conflict in 505 of 652 pairs, in 3 sections in the median", async () => {
    await ready;
    const rows = await conflictLines(ledger, scope);
    expect(rows).toMatchObject([
      {
        ...{ attempts: 652, merged: 652, conflicts: 505, apply_failed: 0, empty: 0, faults: 0 },
        ...{ unmerged: 0, median_sections: 3 },
      },
    ]);
    expect(rows[0]?.conflict_rate).toBeCloseTo(505 / 652, 12);
    expect(anatomyLines(ledger, scope)[0]).toMatchObject({
      measure: "sections",
      known_values: 505,
      median: 3,
    });
  });

  const PERCENT: [repo: string, percent: number][] = [
    ["openai_tiktoken_task", 100],
    ["typst_task", 100],
    ["samuelcolvin_dirty_equals_task", 100],
    ["react_hook_form_task", 100],
    ["go_chi_task", 90.9],
    ["pallets_click_task", 82.6],
    ["pillow_task", 80],
  ];
  test.each(PERCENT)("of %s conflict in %p of a hundred", async (repo, percent) => {
    await ready;
    const rows = await conflictLines(ledger, { ...scope, by: "repo" });
    expect(rows).toHaveLength(12);
    expect(100 * Number(rows.find((row) => row.repo === repo)?.conflict_rate)).toBeCloseTo(
      percent,
      1,
    );
  });

  test("that share a line or an anchor conflict: precision .990 and recall .988, both to ±.005", async () => {
    await ready;
    const rows = couplingLines(ledger, scope);
    const line = rows.find(({ trait }) => trait === "shared line or anchor");
    expect(line).toMatchObject({ attempts: 652, conflicts: 505 });
    expect(Math.abs(Number(line?.precision) - 0.99)).toBeLessThan(0.005);
    expect(Math.abs(Number(line?.recall) - 0.988)).toBeLessThan(0.005);
  });
});
