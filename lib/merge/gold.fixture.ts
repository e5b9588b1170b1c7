// Owns the gold table for tests: every pair of the real dataset as a merge job, and what is known of its conflict.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MergeJob } from "./merge.ts";

/** A pair of gold patches; `conflicts` is the truth: the published report with its known errors set right. */
export type GoldPair = {
  readonly job: MergeJob;
  readonly conflicts: boolean;
  readonly reported: boolean;
};

type Report = {
  all_results: {
    repo: string;
    task_id: number;
    f1: number;
    f2: number;
    has_conflict: boolean;
    patch2_apply_failed: boolean;
  }[];
};

/** All pairs, in the order of the report; a task's patches are the context of all its jobs. */
export function goldPairs(dataset: string): GoldPair[] {
  const report: Report = JSON.parse(
    readFileSync(join(dataset, "gold_conflict_report.json"), "utf8"),
  );
  const tasks = new Map<string, Map<number, Uint8Array>>();
  const contexts = new Map<string, Uint8Array[]>();
  return report.all_results.map(({ repo, task_id, f1, f2, has_conflict, patch2_apply_failed }) => {
    const task = `${repo}/task${task_id}`;
    const patches = tasks.get(task) ?? goldPatches(join(dataset, task));
    tasks.set(task, patches);
    const context = contexts.get(task) ?? [...patches.values()];
    contexts.set(task, context);
    const own = [f1, f2].flatMap((feature) => patches.get(feature) ?? []);
    const job = {
      id: `${task}/${f1}_${f2}`,
      base: { kind: "patches" as const, context },
      patches: own,
    };
    // The report counts a pair clean when its second patch did not apply; merged, all of those conflict.
    return { job, conflicts: has_conflict || patch2_apply_failed, reported: has_conflict };
  });
}

function goldPatches(folder: string): Map<number, Uint8Array> {
  const features = readdirSync(folder).flatMap((name) => /^feature(\d+)$/.exec(name)?.[1] ?? []);
  return new Map(
    features.map((id) => [Number(id), readFileSync(join(folder, `feature${id}`, "feature.patch"))]),
  );
}
