// Owns warming the images of tasks: made where they are not up to date, and gold tested on them without network.
import type { SuiteOutcome } from "../../db/words.ts";
import { asFault, type Fault } from "../fault.ts";
import { taskKey } from "../keys.ts";
import type { Candidate, Warmer, Warming } from "../sandbox/docker/warm.ts";
import { runBase, runGold, testGold, type WarmTask, type WarmWork } from "./warm-gold.ts";

export type WarmPlan = WarmWork & {
  readonly warmer: Warmer;
  readonly tasks: readonly WarmTask[];
  /** Makes images anew that are up to date. */
  readonly force: boolean;
  readonly onDone: (unit: WarmUnit) => void;
};
/** A gold suite that does not pass without network; `online` is what it said with it, when that was looked at. */
export type Failing = {
  readonly feature_id: number;
  readonly offline: SuiteOutcome;
  readonly online?: SuiteOutcome;
};
export type WarmedImage = {
  readonly key: string;
  readonly image: string;
  /** Whether it was made now. */
  readonly fresh: boolean;
  /** Features, and those whose gold suite passes without network. */
  readonly gold: number;
  readonly passing: number;
  readonly failing: readonly Failing[];
  /** MiB beyond the task's own image. */
  readonly grown_mib: number | null;
  readonly notes: readonly string[];
};
export type WarmUnit = WarmedImage | { readonly key: string; readonly fault: Fault };

/** Warms one task after the other. Faults do not stop the others. */
export async function warmImages(plan: WarmPlan): Promise<void> {
  for (const wanted of plan.tasks) {
    if (plan.signal.aborted) return;
    const key = taskKey(wanted.task);
    try {
      plan.onDone(await warmTask(plan, wanted));
    } catch (error) {
      if (!plan.signal.aborted) plan.onDone({ key, fault: asFault(error) });
    }
  }
}

async function warmTask(plan: WarmPlan, wanted: WarmTask): Promise<WarmedImage> {
  const { warmer } = plan;
  const { task, features } = wanted;
  const fresh = plan.force || !(await warmer.isCurrent(task));
  const { failing, notes } = fresh
    ? await makeImage(plan, wanted)
    : { failing: await failingOn(plan, wanted, warmer.warm), notes: [] };
  return {
    ...{ key: taskKey(task), image: warmer.nameOf(task), fresh, failing, notes },
    gold: features.length,
    passing: features.length - failing.length,
    grown_mib: (await warmer.grownMib(task)) ?? null,
  };
}

type Made = { readonly failing: readonly Failing[]; readonly notes: readonly string[] };

/**
 * An image from the base's own suite alone does for most tasks. Where gold needs more, its suites run once with
 * network for their downloads, and the image is made again with those: gold itself never comes near an image.
 */
async function makeImage(plan: WarmPlan, wanted: WarmTask): Promise<Made> {
  await using warming = await plan.warmer.start(wanted.task, plan.signal);
  await using first = await warming.make((backend) => runBase(backend, wanted, plan));
  const failing = await failingOn(plan, wanted, first.backend);
  const online = await gather(plan, wanted, { warming, failing });
  const told = failing.map((one) => ({ ...one, ...onlineOf(online, one.feature_id) }));
  if (!told.some((one) => one.online === "passed")) return await finished(first, told);
  await using second = await warming.make((backend) => runBase(backend, wanted, plan));
  const left = await failingOn(plan, wanted, second.backend);
  const leftTold = left.map((one) => ({ ...one, ...onlineOf(online, one.feature_id) }));
  return await finished(second, leftTold);
}

async function finished(made: Candidate, failing: readonly Failing[]): Promise<Made> {
  await made.finish();
  return { failing, notes: made.notes };
}

async function gather(
  plan: WarmPlan,
  { task, features }: WarmTask,
  { warming, failing }: { readonly warming: Warming; readonly failing: readonly Failing[] },
) {
  const wanted = new Set(failing.map(({ feature_id }) => feature_id));
  const chosen = features.filter(({ feature_id }) => wanted.has(feature_id));
  if (chosen.length === 0) return new Map<number, SuiteOutcome>();
  return await runGold(warming.gatherer, { task, features: chosen }, plan);
}

function onlineOf(online: ReadonlyMap<number, SuiteOutcome>, feature_id: number) {
  const outcome = online.get(feature_id);
  return outcome === undefined ? {} : { online: outcome };
}

async function failingOn(
  plan: WarmPlan,
  wanted: WarmTask,
  backend: Candidate["backend"],
): Promise<Failing[]> {
  const outcomes = await testGold(backend, wanted, plan);
  return [...outcomes]
    .filter(([, outcome]) => outcome !== "passed")
    .map(([feature_id, offline]) => ({ feature_id, offline }))
    .sort((a, b) => a.feature_id - b.feature_id);
}
