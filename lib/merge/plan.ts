// Owns the plan of a batch: which distinct bases and patches its jobs need, so that each is made once.
import { sha256 } from "../core/files.ts";
import { isBlank } from "../patch/parse.ts";

/**
 * What a job's patches apply to: a tree of a repository (read, never written), or one made from patches:
 * `context` (say, all gold patches of the task) and the job's own.
 */
export type JobBase =
  | { readonly kind: "patches"; readonly context: readonly Uint8Array[] }
  | { readonly kind: "repository"; readonly git_dir: string; readonly tree: string };
/** One merge: patches of agent1, agent2, … in order (one patch: solo). */
export type MergeJob = {
  readonly id: string;
  readonly base: JobBase;
  readonly patches: readonly Uint8Array[];
};

/** Changes made to a patch before it is applied. Nothing else is ever changed. */
export const REPAIRS = ["final newline added"] as const;
export type Repair = (typeof REPAIRS)[number];
/** `hash` is of the bytes as given, `bytes` are those to apply. */
export type PlannedPatch = {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly blank: boolean;
  readonly repairs: readonly Repair[];
};
export type PlannedBase = { readonly key: string } & (
  | { readonly kind: "patches"; readonly patches: readonly Uint8Array[] }
  | { readonly kind: "repository"; readonly git_dir: string; readonly tree: string }
);
export type PlannedJob = {
  readonly job: MergeJob;
  readonly base: PlannedBase;
  readonly patches: readonly PlannedPatch[];
};

/** Jobs with their bases and patches; equal content is the same object throughout the plan. */
export function planJobs(jobs: readonly MergeJob[]): PlannedJob[] {
  const planner = { byBytes: new Map(), byHash: new Map(), contexts: new Map(), bases: new Map() };
  return jobs.map((job) => {
    const patches = job.patches.map((bytes) => plannedPatch(planner, bytes));
    return { job, base: plannedBase(planner, job.base, patches), patches };
  });
}

type Planner = {
  readonly byBytes: Map<Uint8Array, PlannedPatch>;
  readonly byHash: Map<string, PlannedPatch>;
  readonly contexts: Map<readonly Uint8Array[], ReadonlyMap<string, Uint8Array>>;
  readonly bases: Map<string, PlannedBase>;
};

function plannedPatch(planner: Planner, bytes: Uint8Array): PlannedPatch {
  const seen = planner.byBytes.get(bytes);
  if (seen) return seen;
  const hash = sha256(bytes);
  const patch = planner.byHash.get(hash) ?? prepared(bytes, hash);
  planner.byHash.set(hash, patch);
  planner.byBytes.set(bytes, patch);
  return patch;
}

function prepared(bytes: Uint8Array, hash: string): PlannedPatch {
  const blank = isBlank(bytes);
  if (blank || bytes.at(-1) === 10) return { hash, bytes, blank, repairs: [] };
  const repaired = Buffer.concat([bytes, Buffer.from("\n")]);
  return { hash, bytes: repaired, blank, repairs: ["final newline added"] };
}

function plannedBase(planner: Planner, base: JobBase, own: readonly PlannedPatch[]): PlannedBase {
  if (base.kind === "repository") {
    const key = JSON.stringify([base.git_dir, base.tree]);
    return remembered(planner, { key, kind: base.kind, git_dir: base.git_dir, tree: base.tree });
  }
  const parts = new Map(contextOf(planner, base.context));
  for (const patch of [...own].sort((a, b) => (a.hash < b.hash ? -1 : 1)))
    if (!patch.blank) parts.set(patch.hash, patch.bytes);
  const key = [...parts.keys()].join(" ");
  return remembered(planner, { key, kind: base.kind, patches: [...parts.values()] });
}

function contextOf(planner: Planner, context: readonly Uint8Array[]) {
  const seen = planner.contexts.get(context);
  if (seen) return seen;
  const patches = context.map((bytes) => plannedPatch(planner, bytes));
  const parts = new Map(patches.map((patch) => [patch.hash, patch.bytes]));
  planner.contexts.set(context, parts);
  return parts;
}

function remembered(planner: Planner, base: PlannedBase): PlannedBase {
  const seen = planner.bases.get(base.key);
  if (seen) return seen;
  planner.bases.set(base.key, base);
  return base;
}
