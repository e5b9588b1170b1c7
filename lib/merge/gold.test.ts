import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith, temporaryFolder, testData } from "../core/testing.ts";
import { goldPairs } from "./gold.fixture.ts";
import { type MergeResult, mergeAttempts } from "./merge.ts";

setDefaultTimeout(300_000);

const KNOWN_ERRORS = ["2_3", "2_4", "2_5", "3_4", "3_5", "4_5"].map(
  (features) => `react_hook_form_task/task85/${features}`,
);

describeWith("data", "the gold table", () => {
  const pairs = testData ? goldPairs(testData.dataset) : [];
  const merged = (async () => {
    using folder = temporaryFolder("tandem-gold");
    const jobs = pairs.map(({ job }) => job);
    const outcomes = await mergeAttempts(jobs, { scratch: folder.path, concurrency: 2 });
    return outcomes.map((outcome): MergeResult => {
      if ("fault" in outcome) throw outcome.fault;
      return outcome;
    });
  })();

  test("all patches apply, unrepaired", async () => {
    const patches = (await merged).flatMap((outcome) => outcome.patches);
    expect(patches.filter(({ status }) => status !== "applied")).toEqual([]);
    expect(patches.filter(({ repairs }) => repairs.length > 0)).toEqual([]);
    expect(patches).toHaveLength(1304);
  });

  test("naive conflicts equal the report but for its six errors", async () => {
    const outcomes = await merged;
    const statuses = outcomes.map(({ naive }) => naive.status);
    expect(statuses.filter((status) => status === "conflicts")).toHaveLength(505);
    expect(statuses.filter((status) => status === "clean")).toHaveLength(147);
    const differing = pairs.flatMap(({ job, reported }, at) =>
      reported === (statuses[at] === "conflicts") ? [] : [job.id],
    );
    expect(differing.sort()).toEqual(KNOWN_ERRORS);
  });

  test("every union is clean, and equals the naive merge where that is", async () => {
    for (const { id, naive, union, base_tree } of await merged) {
      expect([id, union.status]).toEqual([id, "clean"]);
      if (naive.tree !== undefined) expect([id, union.tree]).toEqual([id, naive.tree]);
      expect(union.tree).not.toBe(base_tree);
      expect(union.diff?.length).toBeGreaterThan(0);
    }
  });

  test("every conflict has an anatomy, every clean merge none", async () => {
    for (const { id, naive } of await merged) {
      const { score, sections, severity, files } = naive.conflicts;
      const conflicts = naive.status === "conflicts";
      expect([id, score > 0, sections > 0, files.length > 0]).toEqual([
        id,
        conflicts,
        conflicts,
        conflicts,
      ]);
      expect([id, severity === "none"]).toEqual([id, !conflicts]);
    }
  });

  test("three or more gold patches at once conflict where their first pair does, and no later than they end", async () => {
    const triples = pairs
      .filter(({ job }) => job.base.kind === "patches" && job.base.context.length > 2)
      .slice(0, 60)
      .map(({ job, conflicts }) => ({ job, conflicts, third: thirdPatch(job) }));
    using folder = temporaryFolder("tandem-gold");
    const outcomes = await mergeAttempts(
      triples.map(({ job, third }) => ({ ...job, patches: [...job.patches, third] })),
      { scratch: folder.path, concurrency: 2 },
    );
    for (const [at, outcome] of outcomes.entries()) {
      if ("fault" in outcome) throw outcome.fault;
      if (triples[at]?.conflicts) expect(outcome.naive.conflict_at).toBe(2);
      else expect([undefined, 3]).toContain(outcome.naive.conflict_at);
    }
  });
});

function thirdPatch(job: ReturnType<typeof goldPairs>[number]["job"]): Uint8Array {
  const context = job.base.kind === "patches" ? job.base.context : [];
  return context.find((patch) => !job.patches.includes(patch)) ?? new Uint8Array();
}
