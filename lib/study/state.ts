// Owns how far the arms of a study are, and why units that were done are to be done again.
import type { RunRow } from "../../db/schema.ts";
import { attemptLooks, mergeLooks, verdictLooks } from "../engine/done-checks.ts";
import { sandboxesOf } from "../engine/places.ts";
import { NEW, type PlannedUnit, planUnits, reasons } from "../engine/why.ts";
import { taskFinder } from "../select/task-files.ts";
import { armChange, earlierRuns } from "./arm-changes.ts";
import { type DoneOptions, laterPlan } from "./done.ts";
import type { StudyArm } from "./runs.ts";

/** So many units of a stage are done again, and why. */
export type Again = {
  readonly to: "run" | "merge" | "evaluate";
  readonly units: number;
  readonly why: string;
};
export type ArmState = {
  readonly run: number;
  readonly merge: number;
  readonly eval: number;
  readonly again: readonly Again[];
};
type Options = Omit<DoneOptions, "arms"> & { readonly arms: readonly StudyArm[] };

/** How many attempts of each arm have passed each stage, and what is done again. Reads and does nothing else. */
export async function armStates(options: Options): Promise<ArmState[]> {
  const backend = await sandboxesOf(options, options.study.sandbox);
  const { ledger, arms, dataset_dir } = options;
  const plan = { ...laterPlan({ ...options, backend }), ledger };
  const taskOf = taskFinder(ledger, dataset_dir, arms[0]?.edition);
  const sources = { ledger, taskOf, redo_changed: true };
  const states: ArmState[] = [];
  for (const arm of arms) {
    const ran = await planUnits(
      attemptLooks(() => sources),
      arm.attempts,
      plan,
    );
    const keys = ran.flatMap(({ key, done }) => (done ? key : []));
    const merging = mergeLooks({ ...plan, baseOf: backend.baseAtHand });
    const merged = await planUnits(merging, keys, plan);
    const judged = await planUnits(verdictLooks(plan), keys, plan);
    states.push({
      run: keys.length,
      merge: count(merged),
      eval: count(judged),
      again: [
        ...again("run", withEarlier(options, arm, ran)),
        ...again("merge", merged),
        ...again("evaluate", judged),
      ],
    });
  }
  return states;
}

function count(units: readonly PlannedUnit[]): number {
  return units.filter(({ done }) => done).length;
}

function again(to: Again["to"], units: readonly PlannedUnit[]): Again[] {
  return reasons(units).map((reason) => ({ to, ...reason }));
}

/** An attempt that the arm made under another configuration is made again, for what changed since. */
function withEarlier(
  { ledger }: Options,
  arm: StudyArm,
  units: readonly PlannedUnit[],
): PlannedUnit[] {
  const earlier = earlierRuns(ledger, arm);
  const finished = earlier.map((row) => ({ row, keys: ledger.attempts.finished(row.run) }));
  const change = (row: RunRow) => `${armChange(ledger, row, arm)} (made before in ${row.run})`;
  return units.map((unit) => {
    if (unit.why !== NEW) return unit;
    const there = finished.find(({ row, keys }) => keys.has(unit.key.replace(arm.run, row.run)));
    return there === undefined ? unit : { ...unit, why: change(there.row) };
  });
}
