// Owns the order of merging: agent by agent into an accumulated tree, all jobs of a batch one step at a time.

import { asFault, Fault } from "../core/fault.ts";
import type { Strategy } from "../core/vocabulary.ts";
import { batched, slicedBatch } from "./batch.ts";
import { type MergeRequest, mergeTrees, type TreeMerge } from "./plumbing.ts";
import type { BatchOptions } from "./prepare.ts";
import { importCommits, type Snapshot, type Workshop } from "./repository.ts";

/** `at` is the agent (from 1) whose patch met the conflict when the work of those before it was merged in. */
export type Stop = {
  readonly at: number;
  readonly merge: TreeMerge;
  readonly request: MergeRequest;
};
/**
 * One job under one strategy. `merged` holds the first `done` sides; it stops at the first conflict or fault.
 */
export type Chain = {
  readonly base: Snapshot;
  readonly sides: readonly Snapshot[];
  readonly merged: Snapshot;
  readonly done: number;
  readonly stop?: Stop;
  readonly fault?: Fault;
};

/** A chain that has its first side and nothing merged yet. */
export function startChain(base: Snapshot, sides: readonly Snapshot[]): Chain {
  return { base, sides, merged: sides[0] ?? base, done: 1 };
}

/**
 * Merges until every chain is done, stopped or broken. Step i has agent i as ours and the accumulated tree
 * of agents 1…i−1 as theirs; both are children of the base commit, which so is the only merge base.
 */
export async function runChains(
  workshop: Workshop,
  strategy: Strategy,
  work: { readonly chains: readonly Chain[]; readonly options: BatchOptions },
): Promise<Chain[]> {
  let chains = [...work.chains];
  while (chains.some(isOpen)) {
    const merges = await mergeStep(workshop, strategy, { ...work, chains });
    const stepped = chains.map((chain) => step(chain, merges));
    chains = await withCommits(workshop, strategy, stepped);
  }
  return chains;
}

function isOpen(chain: Chain): boolean {
  return !chain.stop && !chain.fault && chain.done < chain.sides.length;
}

function requestOf(chain: Chain): MergeRequest | undefined {
  const ours = chain.sides[chain.done];
  return isOpen(chain) && ours ? { ours: ours.commit, theirs: chain.merged.commit } : undefined;
}

function keyOf(request: MergeRequest): string {
  return `${request.ours} ${request.theirs}`;
}

async function mergeStep(
  workshop: Workshop,
  strategy: Strategy,
  { chains, options }: { readonly chains: readonly Chain[]; readonly options: BatchOptions },
): Promise<ReadonlyMap<string, TreeMerge | Fault | undefined>> {
  const wanted = new Map<string, MergeRequest>();
  for (const chain of chains) {
    const request = requestOf(chain);
    if (request) wanted.set(keyOf(request), request);
  }
  const merges = await slicedBatch([...wanted.values()], options, (requests) =>
    mergeTrees(workshop, strategy, requests),
  );
  return new Map([...wanted.keys()].map((key, at) => [key, merges[at]]));
}

function step(chain: Chain, merges: ReadonlyMap<string, TreeMerge | Fault | undefined>): Chain {
  const request = requestOf(chain);
  if (!request) return chain;
  const merge = merges.get(keyOf(request)) ?? asFault(new Error("a merge was left out"));
  if (merge instanceof Fault) return { ...chain, fault: merge };
  if (!merge.clean) return { ...chain, stop: { at: chain.done + 1, merge, request } };
  return { ...chain, merged: { commit: "", tree: merge.tree }, done: chain.done + 1 };
}

/** Gives accumulated trees that still have to be merged a commit. */
async function withCommits(
  workshop: Workshop,
  strategy: Strategy,
  chains: readonly Chain[],
): Promise<Chain[]> {
  const needy = chains.filter((chain) => isOpen(chain) && chain.merged.commit === "");
  const commits = await batched(
    needy,
    (some) =>
      importCommits(
        workshop,
        strategy,
        some.map(({ base, merged }) => ({ parent: base.commit, tree: merged.tree })),
      ),
    workshop.signal,
  );
  const made = new Map(needy.map((chain, at) => [chain, commits[at]]));
  return chains.map((chain) => {
    const commit = made.get(chain);
    if (!commit) return chain;
    return commit instanceof Fault ? { ...chain, fault: commit } : { ...chain, merged: commit };
  });
}
