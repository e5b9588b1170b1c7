// Owns what must exist before anything merges: a base commit for each base, a commit for each patch that applies.
import { Fault } from "../core/fault.ts";
import { parsePatch } from "../patch/parse.ts";
import { type BaseTree, baseFromPatches } from "./base.ts";
import { batched, pooled, unwrapped } from "./batch.ts";
import type { PlannedBase, PlannedJob, PlannedPatch } from "./plan.ts";
import {
  type Applied,
  applyPatch,
  type BaseIndex,
  importCommits,
  locateTree,
  makeIndex,
  openWorkshop,
  type Snapshot,
  type Workshop,
} from "./repository.ts";
import { FIRST } from "./strategies.ts";

export type BatchOptions = {
  /** An existing empty folder for the batch's own repositories; the caller removes it. */
  readonly scratch: string;
  /** git processes at a time. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
};
/** A patch on its base: the commit it makes (the base itself for a blank patch), or why it does not apply. */
export type Side =
  | { readonly snapshot: Snapshot; readonly reason?: undefined }
  | { readonly snapshot?: undefined; readonly reason: string };
/** Both look-ups throw the Fault of the base or patch that could not be made. */
export type Prepared = {
  readonly workshop: Workshop;
  readonly baseOf: (base: PlannedBase) => Snapshot;
  readonly sideOf: (base: PlannedBase, patch: PlannedPatch) => Side;
};

type Source = { readonly tree: string | BaseTree; readonly objects?: string };
type Base = {
  readonly snapshot: Snapshot;
  readonly index: BaseIndex;
  readonly unknown: readonly string[];
};
type Application = { readonly base: PlannedBase; readonly patch: PlannedPatch };

/** Makes every base and applies every patch of the plan once. Throws Fault only when no repository can be made. */
export async function prepare(
  jobs: readonly PlannedJob[],
  options: BatchOptions,
): Promise<Prepared> {
  const bases = [...new Set(jobs.map(({ base }) => base))];
  const sources = await pooled(bases, options.concurrency, (base) => locate(base, options));
  const objects = new Set(
    sources.flatMap((source) => (source instanceof Fault ? [] : (source.objects ?? []))),
  );
  const workshop = await openWorkshop(options.scratch, [...objects], options.signal);
  const made = await makeBases(workshop, sources, options);
  const byBase = new Map(bases.map((base, index) => [base, made[index]]));
  const baseFor = (base: PlannedBase) => unwrapped(byBase.get(base), "a base");
  const sides = await makeSides(workshop, { jobs, baseFor, options });
  return {
    workshop,
    baseOf: (base) => baseFor(base).snapshot,
    sideOf: (base, patch) => {
      if (patch.blank) return { snapshot: baseFor(base).snapshot };
      return unwrapped(sides.get(`${base.key}\n${patch.hash}`), "a patch's commit");
    },
  };
}

async function locate(base: PlannedBase, options: BatchOptions): Promise<Source> {
  if (base.kind === "patches") return { tree: baseFromPatches(base.patches.map(parsePatch)) };
  const { scratch, signal } = options;
  return locateTree(base.git_dir, base.tree, { cwd: scratch, ...(signal ? { signal } : {}) });
}

async function makeBases(
  workshop: Workshop,
  sources: readonly (Source | Fault)[],
  options: BatchOptions,
): Promise<(Base | Fault)[]> {
  const commits = await batchedSkippingFaults(sources, options, (found) =>
    importCommits(
      workshop,
      FIRST,
      found.map(({ tree }) => ({ tree })),
    ),
  );
  return pooled([...sources.keys()], options.concurrency, async (at) => {
    const snapshot = unwrapped(commits[at], "a base commit");
    const { tree } = unwrapped(sources[at], "a base");
    const unknown = typeof tree === "string" ? [] : tree.unknown;
    return { snapshot, index: await makeIndex(workshop, snapshot.tree), unknown };
  });
}

type SideWork = {
  readonly jobs: readonly PlannedJob[];
  readonly baseFor: (base: PlannedBase) => Base;
  readonly options: BatchOptions;
};

async function makeSides(workshop: Workshop, { jobs, baseFor, options }: SideWork) {
  const wanted = new Map<string, Application>();
  for (const { base, patches } of jobs)
    for (const patch of patches)
      if (!patch.blank) wanted.set(`${base.key}\n${patch.hash}`, { base, patch });
  const applications = [...wanted.values()];
  const applied = await pooled(applications, options.concurrency, async ({ base, patch }) => {
    const { index, unknown } = baseFor(base);
    return withUnknown(await applyPatch(workshop, index, patch.bytes), patch, unknown);
  });
  const trees = applied.map((result, at) => commitOf(result, applications[at], baseFor));
  const commits = await batchedSkippingFaults(trees, options, (found) =>
    importSome(workshop, found),
  );
  return new Map([...wanted.keys()].map((key, at) => [key, commits[at]]));
}

type Pending =
  | { readonly parent: string; readonly changes: ReadonlyMap<string, string | undefined> }
  | { readonly reason: string };

function commitOf(
  result: Applied | Fault | undefined,
  application: Application | undefined,
  baseFor: SideWork["baseFor"],
): Pending | Fault {
  if (result instanceof Fault) return result;
  if (!result || !application) return unwrapped<Fault>(undefined, "an applied patch");
  if (!result.changes) return { reason: result.reason };
  return { parent: baseFor(application.base).snapshot.commit, changes: result.changes };
}

async function importSome(workshop: Workshop, found: readonly Pending[]): Promise<Side[]> {
  const commits = found.flatMap((side) => ("changes" in side ? [side] : []));
  const snapshots = (await importCommits(workshop, FIRST, commits)).values();
  return found.map((side) => {
    if ("reason" in side) return side;
    return { snapshot: unwrapped(snapshots.next().value, "a patch's commit") };
  });
}

/** A patch on a file that the base could not show fails for our reason, not for its own: say so. */
function withUnknown(applied: Applied, patch: PlannedPatch, unknown: readonly string[]): Applied {
  if (applied.changes || unknown.length === 0) return applied;
  const touched = new Set(parsePatch(patch.bytes).files.map((file) => file.old_path));
  const missing = unknown.filter((path) => touched.has(path));
  if (missing.length === 0) return applied;
  return { reason: `${applied.reason} (the patches do not show the old ${missing.join(", ")})` };
}

async function batchedSkippingFaults<T, R>(
  items: readonly (T | Fault)[],
  options: BatchOptions,
  work: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<(R | Fault)[]> {
  const good = items.flatMap((item) => (item instanceof Fault ? [] : [item]));
  const done = (await batched(good, work, options.signal)).values();
  return items.map((item) => (item instanceof Fault ? item : unwrappedOrFault(done.next().value)));
}

function unwrappedOrFault<R>(result: R | Fault | undefined): R | Fault {
  return result instanceof Fault ? result : unwrapped(result, "a result");
}
