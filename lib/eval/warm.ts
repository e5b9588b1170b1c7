// Owns warming a task's image: made if it is not up to date, and gold tested on it without network.

import { taskKey } from "../core/keys.ts";
import type { SuiteOutcome } from "../core/vocabulary.ts";
import type { Candidate, Warmer, Warming } from "../sandbox/docker/warm.ts";
import { runBase, runGold, testGold, type WarmTask, type WarmWork } from "./warm-gold.ts";

export type WarmMaking = WarmWork & { readonly warmer: Warmer };
/** A gold suite that does not pass without network; `online` is its result with network, if that was checked. */
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
/** Makes a task's image when it is absent, out of date or `remake`, and tests gold on it without network. Throws Faults. */
export async function warmTask(
  plan: WarmMaking,
  wanted: WarmTask,
  remake: boolean,
): Promise<WarmedImage> {
  const { warmer } = plan;
  const { task, features } = wanted;
  const fresh = remake || !(await warmer.isCurrent(task));
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
 * An image from the base's own suite alone is enough for most tasks. Where gold needs more, its suites run once with
 * network for their downloads, and the image is made again with those: gold itself never enters an image.
 */
async function makeImage(plan: WarmMaking, wanted: WarmTask): Promise<Made> {
  await using warming = await plan.warmer.start(wanted.task, plan.signal);
  await using first = await warming.make((backend) => runBase(backend, wanted, plan));
  const failing = await failingOn(plan, wanted, first.backend);
  const online = await gather(plan, wanted, { warming, failing });
  const failures = failing.map((one) => ({ ...one, ...onlineOf(online, one.feature_id) }));
  if (!failures.some((one) => one.online === "passed")) return await finished(first, failures);
  await using second = await warming.make((backend) => runBase(backend, wanted, plan));
  const left = await failingOn(plan, wanted, second.backend);
  const leftFailures = left.map((one) => ({ ...one, ...onlineOf(online, one.feature_id) }));
  return await finished(second, leftFailures);
}

async function finished(made: Candidate, failing: readonly Failing[]): Promise<Made> {
  await made.finish();
  return { failing, notes: made.notes };
}

async function gather(
  plan: WarmMaking,
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
  plan: WarmMaking,
  wanted: WarmTask,
  backend: Candidate["backend"],
): Promise<Failing[]> {
  const outcomes = await testGold(backend, wanted, plan);
  return [...outcomes]
    .filter(([, outcome]) => outcome !== "passed")
    .map(([feature_id, offline]) => ({ feature_id, offline }))
    .sort((a, b) => a.feature_id - b.feature_id);
}
