// Owns the stage `warm`: images of tasks with all that suites download, one task at a time.

import type { Fault } from "../core/fault.ts";
import { taskKey } from "../core/keys.ts";
import { type WarmedImage, type WarmMaking, warmTask } from "../eval/warm.ts";
import type { WarmTask } from "../eval/warm-gold.ts";
import { patiently } from "../work/patience.ts";
import type { Engine } from "./engine.ts";
import { openLine } from "./line.ts";
import { eachInput, eachJob, type Stage } from "./stage.ts";

export type WarmPlan = Omit<WarmMaking, "ledger" | "signal"> & {
  readonly tasks: readonly WarmTask[];
  /** Makes images again that are up to date. */
  readonly force: boolean;
  readonly on_unit: (unit: WarmUnit) => void;
};
export type WarmUnit = WarmedImage | { readonly key: string; readonly fault: Fault };

/**
 * What is made is kept by the engine of containers, not by the ledger: every task is visited, and the visit tells
 * whether its image is to be made. A second process finds it made.
 */
function warmStage(
  { ledger, signal }: Engine,
  plan: WarmPlan,
): Stage<WarmTask, object, WarmedImage, WarmedImage> {
  const began = new Date().toISOString();
  const nameOf = (wanted: WarmTask) => plan.warmer.nameOf(wanted.task);
  const making = { ...plan, ledger, signal };
  return {
    name: "warm",
    about: (wanted) => ({
      ...{ unit: nameOf(wanted), run: "", try: 1, features: [] },
      ...{ repo: wanted.task.repo, task_id: wanted.task.task_id },
    }),
    inputs: eachInput(() => ({})),
    stored: (units) => units.map(() => undefined),
    current: () => false,
    made_at: () => began,
    work: eachJob(async ({ unit }) => {
      const made = ledger.work.doneAt(nameOf(unit), "warm") ?? "";
      return await warmTask(making, unit, plan.force && made < began);
    }),
    async store({ held }, image) {
      await patiently(() => ledger.work.done(held.unit, held.holder), signal);
      return image;
    },
  };
}

/** Warms one task after another. Faults do not stop the others. Returns how many are left. */
export async function warmImages(engine: Engine, plan: WarmPlan): Promise<number> {
  const line = openLine({
    engine,
    stage: warmStage(engine, plan),
    width: 1,
    on_unit(wanted, ended) {
      plan.on_unit("fault" in ended ? { key: taskKey(wanted.task), ...ended } : ended.stored);
    },
  });
  line.push(...plan.tasks);
  line.close();
  return (await line.done).length;
}
