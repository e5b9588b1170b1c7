// Owns merging attempts: many jobs in one call, both strategies, with conflict anatomy and merged diffs.

import { asFault, Fault } from "../core/fault.ts";
import type { MergeStatus, Strategy } from "../core/vocabulary.ts";
import { type Anatomy, anatomyOf, conflictedPaths, conflictFiles } from "./anatomy.ts";
import { batched, slicedBatch, unwrapped } from "./batch.ts";
import { type Chain, runChains, type Stop, startChain } from "./chain.ts";
import { type MergeJob, type PlannedJob, planJobs, type Repair } from "./plan.ts";
import { diffTrees, readBlobs } from "./plumbing.ts";
import { type BatchOptions, type Prepared, prepare, type Side } from "./prepare.ts";
import type { Snapshot, Workshop } from "./repository.ts";
import { byStrategy, FIRST, OTHERS } from "./strategies.ts";

export type { JobBase, MergeJob, Repair } from "./plan.ts";
export type { BatchOptions as MergeOptions } from "./prepare.ts";

/** One agent's patch on the base; `tree` is the base's own for an empty patch, absent when it does not apply. */
export type PatchOutcome = {
  readonly status: "applied" | "empty" | "failed";
  readonly tree?: string;
  /** git's reason in one line, for "failed". */
  readonly reason?: string;
  readonly repairs: readonly Repair[];
};
/**
 * One strategy's merge. `tree` and `diff` are there whenever something merged without a conflict, so too when
 * one of several patches is empty; never for "conflicts" and "apply_failed". `diff` takes the base tree to
 * `tree` (`git diff-tree -p --binary --full-index`). `conflict_at` is the agent (from 1) whose patch met the
 * conflict when the work of those before it was merged in.
 */
export type StrategyResult = {
  readonly status: MergeStatus;
  readonly tree?: string;
  readonly diff?: Uint8Array;
  readonly conflict_at?: number;
};
/**
 * `status`: "apply_failed" when any patch does not apply; else "empty" when any is empty; else the naive
 * merge's. `agents` (from 1) are those with the failed or empty patch.
 */
export type MergeResult = {
  readonly id: string;
  readonly base_tree: string;
  readonly patches: readonly PatchOutcome[];
  readonly status: MergeStatus;
  readonly agents: readonly number[];
  readonly naive: StrategyResult & { readonly conflicts: Anatomy };
} & Readonly<Record<Exclude<Strategy, typeof FIRST>, StrategyResult>>;
/** A job that the laboratory could not do: no result, to be tried again. */
export type MergeFault = { readonly id: string; readonly fault: Fault };
export type MergeOutcome = MergeResult | MergeFault;

/**
 * Merges every job: patches are applied to their base with `git apply --cached`, then merged one agent after
 * the other (ours = the later agent) with `git merge-tree`: naive, and where that conflicts again with
 * `merge=union` for every file. Attributes inside the trees are not read. Results come in the order of the
 * jobs; a job whose git work breaks has a `fault` instead. Throws Fault when no work was possible at all:
 * the scratch folder cannot be used, or `interrupted` when the signal ended it.
 */
export async function mergeAttempts(
  jobs: readonly MergeJob[],
  options: BatchOptions,
): Promise<MergeOutcome[]> {
  if (jobs.length === 0) return [];
  try {
    return await mergePlanned(planJobs(jobs), options);
  } catch (error) {
    // A process killed by the signal looks like any other that broke.
    stopIfAborted(options);
    throw asFault(error);
  }
}

async function mergePlanned(
  plan: readonly PlannedJob[],
  options: BatchOptions,
): Promise<MergeOutcome[]> {
  const prepared = await prepare(plan, options);
  stopIfAborted(options);
  const works = plan.map((job) => started(job, prepared));
  await mergeAll(works, prepared.workshop, options);
  stopIfAborted(options);
  const [diffs, anatomies] = await Promise.all([
    makeDiffs(works, prepared.workshop, options),
    makeAnatomies(works, prepared.workshop),
  ]);
  stopIfAborted(options);
  return works.map((work) => outcomeOf(work, diffs, anatomies));
}

type Work = {
  readonly plan: PlannedJob;
  readonly base: Snapshot | undefined;
  readonly sides: readonly Side[];
  /** Absent where there is nothing to merge. */
  readonly start: Chain | undefined;
  chains: { readonly [strategy in Strategy]?: Chain };
  fault: Fault | undefined;
};

function started(plan: PlannedJob, prepared: Prepared): Work {
  try {
    const base = prepared.baseOf(plan.base);
    const sides = plan.patches.map((patch) => prepared.sideOf(plan.base, patch));
    const snapshots = sides.flatMap(({ snapshot }) => snapshot ?? []);
    const idle = snapshots.length < sides.length || plan.patches.every(({ blank }) => blank);
    const start = idle ? undefined : startChain(base, snapshots);
    return { plan, base, sides, start, chains: {}, fault: undefined };
  } catch (error) {
    const fault = asFault(error);
    return { plan, base: undefined, sides: [], start: undefined, chains: {}, fault };
  }
}

async function mergeAll(works: readonly Work[], workshop: Workshop, options: BatchOptions) {
  const merging = works.filter(({ start }) => start);
  const chains = merging.flatMap(({ start }) => start ?? []);
  const first = await runChains(workshop, FIRST, { chains, options });
  keepChains(merging, FIRST, first);
  for (const strategy of OTHERS) {
    // Up to the conflict all strategies do the same, so the others start at the step that conflicts.
    const rest = first.map(({ base, sides, merged, done, stop }) =>
      stop ? { base, sides, merged, done } : { base, sides, merged, done: sides.length },
    );
    keepChains(merging, strategy, await runChains(workshop, strategy, { chains: rest, options }));
  }
}

function keepChains(works: readonly Work[], strategy: Strategy, chains: readonly Chain[]): void {
  works.forEach((work, at) => {
    const chain = chains[at];
    if (chain === undefined) return;
    work.chains = { ...work.chains, [strategy]: chain };
    work.fault ??= chain.fault;
  });
}

type Diffs = ReadonlyMap<string, Uint8Array | Fault | undefined>;

async function makeDiffs(
  works: readonly Work[],
  workshop: Workshop,
  options: BatchOptions,
): Promise<Diffs> {
  const wanted = new Map<string, { from: string; to: string }>();
  for (const chain of works.flatMap(({ chains }) => Object.values(chains)))
    if (!chain.stop && !chain.fault)
      wanted.set(diffKey(chain), { from: chain.base.tree, to: chain.merged.tree });
  const diffs = await slicedBatch([...wanted.values()], options, (pairs) =>
    diffTrees(workshop, pairs),
  );
  return new Map([...wanted.keys()].map((key, at) => [key, diffs[at]]));
}

function diffKey({ base, merged }: Chain): string {
  return `${base.tree} ${merged.tree}`;
}

type Anatomies = ReadonlyMap<Stop, Anatomy | Fault | undefined>;

async function makeAnatomies(works: readonly Work[], workshop: Workshop): Promise<Anatomies> {
  const stops = works.flatMap(({ chains }) => chains[FIRST]?.stop ?? []);
  const anatomies = await batched(stops, (some) => readAnatomies(workshop, some), workshop.signal);
  return new Map(stops.map((stop, at) => [stop, anatomies[at]]));
}

async function readAnatomies(workshop: Workshop, stops: readonly Stop[]): Promise<Anatomy[]> {
  const places = stops.map(({ merge }) =>
    conflictedPaths(merge).map((path) => ({ tree: merge.tree, path })),
  );
  const blobs = (await readBlobs(workshop, places.flat())).values();
  return stops.map(({ merge, request }, at) => {
    const paths = (places[at] ?? []).map(({ path }) => path);
    const contents = new Map(paths.map((path) => [path, blobs.next().value]));
    return anatomyOf(conflictFiles(merge, contents, request));
  });
}

function outcomeOf(work: Work, diffs: Diffs, anatomies: Anatomies): MergeOutcome {
  const { id } = work.plan.job;
  if (work.fault || !work.base) return { id, fault: work.fault ?? asFault(new Error("no base")) };
  try {
    const patches = work.plan.patches.map((patch, at) => patchOutcome(patch, work.sides[at]));
    const trouble = troubleOf(patches);
    const results = byStrategy((strategy) =>
      strategyResult(work.chains[strategy], trouble.status, diffs),
    );
    const first = results[FIRST];
    const stop = work.chains[FIRST]?.stop;
    const conflicts = stop ? unwrapped(anatomies.get(stop), "an anatomy") : anatomyOf([]);
    return {
      id,
      base_tree: work.base.tree,
      patches,
      status: trouble.status ?? first.status,
      agents: trouble.agents,
      ...results,
      [FIRST]: { ...first, conflicts },
    };
  } catch (error) {
    return { id, fault: asFault(error) };
  }
}

function patchOutcome(
  { blank, repairs }: PlannedJob["patches"][number],
  side: Side | undefined,
): PatchOutcome {
  if (side?.snapshot)
    return { status: blank ? "empty" : "applied", tree: side.snapshot.tree, repairs };
  return { status: "failed", reason: unwrapped(side, "a patch's outcome").reason ?? "", repairs };
}

type Trouble = {
  readonly status: "apply_failed" | "empty" | undefined;
  readonly agents: readonly number[];
};

function troubleOf(patches: readonly PatchOutcome[]): Trouble {
  const agents = (status: PatchOutcome["status"]) =>
    patches.flatMap((patch, at) => (patch.status === status ? [at + 1] : []));
  const [failed, empty] = [agents("failed"), agents("empty")];
  if (failed.length > 0) return { status: "apply_failed", agents: failed };
  return { status: empty.length > 0 || patches.length === 0 ? "empty" : undefined, agents: empty };
}

function strategyResult(
  chain: Chain | undefined,
  trouble: Trouble["status"],
  diffs: Diffs,
): StrategyResult {
  if (!chain) return { status: trouble ?? "empty" };
  if (chain.stop) return { status: "conflicts", conflict_at: chain.stop.at };
  const diff = unwrapped(diffs.get(diffKey(chain)), "a diff");
  return { status: trouble ?? "clean", tree: chain.merged.tree, diff };
}

function stopIfAborted({ signal }: BatchOptions): void {
  if (!signal?.aborted) return;
  throw new Fault("interrupted", "merging was interrupted", {
    hint: "run the same command again: nothing of the batch was kept",
    cause: signal.reason,
  });
}
