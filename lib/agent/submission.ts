// Owns taking an agent's work out of its sandbox: patch.txt byte for byte, else the work tree's own diff.
import { join } from "node:path";
import type { AgentOutcome, PatchSource, Taken } from "../../db/schema.ts";
import { AGENT_ENDS } from "../core/ends.ts";
import { isBlank, parsePatch } from "../patch/parse.ts";
import { FileTooLarge } from "../sandbox/beneath.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { EarlyEnd } from "./agent.ts";
import type { LeftFolder } from "./build-folders.ts";
import { compare, readChanges } from "./misplaced.ts";
import { PATCH_FILE } from "./take-script.ts";
import { boundedRead, type Found, lookAt, NO_TREE } from "./work-tree.ts";

/** A larger patch is an outcome: everything that handles a patch holds it in memory, several times over. */
export const MOST_PATCH_BYTES = 64 * 1024 ** 2;

/** `taken` says what else to know about collecting it; `taken.size_bytes` is present for a patch that is too large. */
export type Work = {
  readonly patch: Uint8Array;
  readonly patch_source: PatchSource;
  readonly taken?: Taken;
};

/**
 * The patch the agent wrote, unchanged, when there is one, it applies to the base, does not hold itself and is not
 * misplaced; otherwise the difference between the base and the work tree (ignored files, folders that tools filled,
 * other repositories inside it and patch.txt left out), which may be no bytes at all. The base is the harness's own,
 * whatever became of the agent's git folder. Throws the signal's reason on abort, Fault `disk_full`, and the backend's.
 */
export async function takeWork(sandbox: Sandbox, signal: AbortSignal): Promise<Work> {
  const written = await boundedRead(sandbox, join(sandbox.repo_path, PATCH_FILE), MOST_PATCH_BYTES);
  if (written instanceof FileTooLarge) return tooLarge("patch.txt", written.size_bytes);
  const patch = written && !isBlank(written) && !holdsItself(written) ? written : undefined;
  const found = await lookAt(sandbox, {
    patch: patch !== undefined,
    most_bytes: MOST_PATCH_BYTES,
    signal,
  });
  if ("lost" in found) return withoutTree(patch, found.lost);
  if (found.size_bytes !== undefined) return tooLarge("work tree", found.size_bytes);
  return choose(patch, found);
}

/** What becomes of the agent, as far as its work shows. */
export function workOutcome({ patch, taken }: Work): AgentOutcome {
  if (taken?.size_bytes !== undefined) return AGENT_ENDS["patch too large"].outcome;
  return AGENT_ENDS[patch.length === 0 ? "empty patch" : "submitted"].outcome;
}

/** What becomes of an agent that ended this way, given its work: a patch that cannot be kept takes precedence. */
export function endOutcome(work: Work, end: EarlyEnd): AgentOutcome {
  const handedIn = workOutcome(work);
  if (end === null || handedIn === "patch too large") return handedIn;
  return AGENT_ENDS[end].outcome;
}

/** A patch that an agent returns itself, within the same bounds. */
export function givenWork(patch: Uint8Array): Work {
  if (patch.length > MOST_PATCH_BYTES) return tooLarge("agent", patch.length);
  return { patch, patch_source: patch.length > 0 ? "agent" : "none" };
}

function tooLarge(patch_source: PatchSource, size_bytes: number): Work {
  return { patch: new Uint8Array(), patch_source, taken: { size_bytes } };
}

/** A second `git add -A` takes the first patch.txt along, and both agents' patches would then conflict in it. */
function holdsItself(patch: Uint8Array): boolean {
  return parsePatch(patch).files.some(({ new_path }) => new_path === PATCH_FILE);
}

/**
 * Nothing to compare with: what was written is handed in, and the merge will show; with nothing written, we do not
 * know.
 */
function withoutTree(patch: Uint8Array | undefined, lost: string): Work {
  if (lost === NO_TREE) return { patch: new Uint8Array(), patch_source: "none" };
  const note = `the work tree could not be taken: ${lost}`;
  if (patch === undefined)
    return { patch: new Uint8Array(), patch_source: "not taken", taken: { notes: [note] } };
  return { patch, patch_source: "patch.txt", taken: { notes: [note] } };
}

function choose(patch: Uint8Array | undefined, found: Found): Work {
  const { diff, left_out, unreadable, patched, work } = found;
  const seen = unreadable ? ["files of the work tree could not be read"] : [];
  const about = (notes: readonly string[], left: readonly LeftFolder[]): Pick<Work, "taken"> => {
    const taken = {
      ...(notes.length > 0 ? { notes } : {}),
      ...(left.length > 0 ? { left_out: left } : {}),
    };
    return Object.keys(taken).length > 0 ? { taken } : {};
  };
  const fromTree = (notes: readonly string[]): Work => {
    const patch_source = diff.length > 0 ? "work tree" : "none";
    return { patch: diff, patch_source, ...about([...notes, ...seen], left_out) };
  };
  if (patch === undefined) return fromTree([]);
  if (patched === undefined) return fromTree(["patch.txt does not apply to the base"]);
  const { differ, misplaced } = compare(readChanges(patched), readChanges(work));
  if (misplaced !== undefined)
    return fromTree([
      `patch.txt is misplaced: it changes ${misplaced.path}, the work tree ${misplaced.meant}`,
    ]);
  const notes = differ === 0 ? [] : [`patch.txt and the work tree differ in ${differ} files`];
  return { patch, patch_source: "patch.txt", ...about(notes, []) };
}
