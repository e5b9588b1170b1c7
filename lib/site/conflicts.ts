// Owns the text of conflicts: what git left between its markers when the agents' patches were merged naively.
import { availableParallelism } from "node:os";
import type { Ledger } from "../../db/ledger.ts";
import { Fault } from "../core/fault.ts";
import { quickScratch } from "../core/files.ts";
import { taskKey } from "../core/keys.ts";
import { conflictedPaths, conflictFiles } from "../merge/anatomy.ts";
import { runChains, type Stop, startChain } from "../merge/chain.ts";
import { type MergeJob, planJobs } from "../merge/plan.ts";
import { readBlobs } from "../merge/plumbing.ts";
import { type BatchOptions, prepare } from "../merge/prepare.ts";

const CONTEXT_LINES = 3;
/** A line of a base made from patches that no patch shows (lib/merge/base.ts). */
const FILLER = /^~ (\d+) [0-9a-f]{8}$/;

/** Lines of one side between the markers; text as git has it. */
export type ConflictPart = {
  readonly before: readonly string[];
  /** The later agent's lines; the accumulated work of those before it. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly after: readonly string[];
};
export type ConflictFileText = {
  readonly path: string;
  /** git's term: content, add/add, modify/delete, … */
  readonly kind: string;
  /** Empty for a conflict without markers. */
  readonly parts: readonly ConflictPart[];
};
/** `at`: the agent (from 1) whose patch met the conflict. */
export type ConflictText = { readonly at: number; readonly files: readonly ConflictFileText[] };

/** The jobs that merge the kept patches of attempts again; one whose patches the ledger lacks is omitted. */
export function conflictJobs(
  ledger: Ledger,
  attempts: readonly {
    readonly attempt_key: string;
    readonly repo: string;
    readonly task_id: number;
    readonly task_hash: string | null;
  }[],
): MergeJob[] {
  return [...Map.groupBy(attempts, (one) => `${taskKey(one)} ${one.task_hash}`).values()].flatMap(
    (own) => {
      const [first] = own;
      if (first === undefined) return [];
      const gold = ledger.dataset
        .featuresAt({ ...first, task_hash: first.task_hash ?? "" })
        .map(({ gold_patch }) => gold_patch);
      // One list for the whole task: what is made from it is then made once.
      const context = [...ledger.dataset.patchBytes(gold).values()];
      return own.flatMap(({ attempt_key }): MergeJob[] => {
        const sides = ledger.merges.sides(attempt_key);
        const bytes = ledger.dataset.patchBytes(sides.map(({ patch }) => patch));
        const patches = sides.flatMap(({ patch }) => bytes.get(patch) ?? []);
        if (sides.length === 0 || patches.length < sides.length) return [];
        return [{ id: attempt_key, base: { kind: "patches", context }, patches }];
      });
    },
  );
}

/**
 * Merges the jobs naively, in one batch, and gives the text of each conflict by the job's id. Bases are made from patches, whatever
 * the recorded merge rested on: the lines between markers come from the patches. A job whose patches do not apply
 * there, or merge cleanly there, has no text. Throws Fault when git cannot work at all.
 */
export async function conflictTexts(
  jobs: readonly MergeJob[],
  signal: AbortSignal,
): Promise<Map<string, ConflictText>> {
  if (jobs.length === 0) return new Map();
  await using folder = quickScratch("page");
  const options: BatchOptions = {
    scratch: folder.path,
    concurrency: availableParallelism(),
    signal,
  };
  const plan = planJobs(jobs);
  const prepared = await prepare(plan, options);
  const works = plan.flatMap(({ job, base, patches }) => {
    try {
      const snapshots = patches.flatMap((patch) => prepared.sideOf(base, patch).snapshot ?? []);
      return snapshots.length < patches.length
        ? []
        : [{ id: job.id, chain: startChain(prepared.baseOf(base), snapshots) }];
    } catch (error) {
      // What cannot be merged again is left without its text; the recorded counts stand.
      if (error instanceof Fault) return [];
      throw error;
    }
  });
  const chains = await runChains(prepared.workshop, "naive", {
    chains: works.map(({ chain }) => chain),
    options,
  });
  const stops = works.flatMap(({ id }, at) => {
    const stop = chains[at]?.stop;
    return stop === undefined ? [] : [{ id, stop }];
  });
  const places = stops.flatMap(({ stop: { merge } }) =>
    conflictedPaths(merge).map((path) => ({ tree: merge.tree, path })),
  );
  const blobs = (places.length === 0 ? [] : await readBlobs(prepared.workshop, places)).values();
  return new Map(stops.map(({ id, stop }) => [id, textOf(stop, blobs)]));
}

function textOf(stop: Stop, blobs: Iterator<Buffer | undefined>): ConflictText {
  const contents = new Map(conflictedPaths(stop.merge).map((path) => [path, blobs.next().value]));
  const files = conflictFiles(stop.merge, contents, stop.request).map(({ path, kind }) => {
    const content = contents.get(path);
    return { path, kind, parts: content === undefined ? [] : conflictParts(content, stop.request) };
  });
  return { at: stop.at, files };
}

/** The parts between markers with these labels, with a few lines around each. Reads markers as lib/merge/anatomy.ts counts them. */
export function conflictParts(
  content: Uint8Array,
  labels: { readonly ours: string; readonly theirs: string },
): ConflictPart[] {
  const lines = Buffer.from(content).toString("utf8").split("\n").map(withoutFiller);
  const parts: ConflictPart[] = [];
  let open: { start: number; split: number } | undefined;
  for (const [at, line] of lines.entries()) {
    if (open === undefined || open.split < 0) {
      if (isMarker(line, "<", labels.ours)) open = { start: at, split: -1 };
      else if (open && line.replace(/\r$/, "") === "=======") open.split = at;
    } else if (isMarker(line, ">", labels.theirs)) {
      parts.push({
        before: lines.slice(Math.max(0, open.start - CONTEXT_LINES), open.start),
        ours: lines.slice(open.start + 1, open.split),
        theirs: lines.slice(open.split + 1, at),
        after: lines.slice(at + 1, at + 1 + CONTEXT_LINES),
      });
      open = undefined;
    }
  }
  return parts;
}

function withoutFiller(line: string): string {
  const filler = FILLER.exec(line);
  return filler === null ? line : `⋯ line ${filler[1]}, which no patch shows`;
}

function isMarker(line: string, mark: "<" | ">", label: string): boolean {
  const start = `${mark.repeat(7)} ${label}`;
  const rest = line.replace(/\r$/, "");
  return rest === start || rest.startsWith(`${start}:`);
}
