// Owns whether a promise about files was kept: by what was handed in, since that is what is merged. Pure.
import { isTestFile } from "../../patch/left-out.ts";
import type { FileEdit, JudgedPromise, PathPromise } from "./effect.ts";
import { isMeant } from "./paths.ts";

export type Evidence = {
  /** Files of the patch of the agent who is bound; null where none was handed in. */
  readonly files: readonly string[] | null;
  /** Every file that is known to exist: of the repository, as far as it is known, and of all patches. */
  readonly known: readonly string[];
  /** What the agent edited after the promise; empty where that is not known. */
  readonly edits: readonly FileEdit[];
  /** Whether who is bound can know of it: false for a request that was never read. */
  readonly heard: boolean;
};
type Verdict = Pick<JudgedPromise, "status" | "why" | "path" | "step">;

/**
 * The promise with its status. What was handed in decides, whenever it was edited: a file that is to be left alone and stands in the
 * patch is broken, one that was edited and put back is kept. Open: no patch, a request that was never read, a part of a file that was
 * changed, a file "from now on" that the patch has, a file to change that no patch and no reference knows. The step is the first
 * after the promise that edited the file.
 */
export function judgeOf(promise: PathPromise, evidence: Evidence): JudgedPromise {
  return { ...promise, ...verdictOf(promise, evidence) };
}

function verdictOf(promise: PathPromise, evidence: Evidence): Verdict {
  const { files, heard } = evidence;
  if (!heard) return open("The request was never read.");
  if (files === null) return open(`${promise.by} handed in no patch.`);
  return promise.kind === "touch"
    ? touched(promise, { ...evidence, files })
    : leftAlone(promise, { ...evidence, files });
}

type Known = Evidence & { readonly files: readonly string[] };

function touched(promise: PathPromise, evidence: Known): Verdict {
  const { by, paths } = promise;
  const { files, known } = evidence;
  const other = promise.only ? files.find((file) => isOutside(file, paths)) : undefined;
  if (other !== undefined)
    return shown("broken", `${by}'s patch also changes ${other}.`, { path: other, evidence });
  const missing = paths.find((path) => !files.some((file) => isMeant(path, file)));
  if (missing === undefined) {
    const first = files.find((file) => paths.some((path) => isMeant(path, file))) ?? null;
    return shown("kept", `${by}'s patch changes ${paths.join(", ")}.`, { path: first, evidence });
  }
  const exists = promise.fresh || known.some((file) => isMeant(missing, file));
  if (!exists) return open(`No known file is called ${missing}.`);
  return {
    status: "broken",
    why: `${by}'s patch does not change ${missing}.`,
    path: missing,
    step: null,
  };
}

function leftAlone(promise: PathPromise, evidence: Known): Verdict {
  const { by, paths, part, further } = promise;
  const hit = evidence.files.find((file) => paths.some((path) => isMeant(path, file)));
  if (hit === undefined) {
    const why = `${by}'s patch does not change ${paths.join(", ")}.`;
    return { status: "kept", why, path: null, step: null };
  }
  const found = { path: hit, evidence };
  if (part)
    return shown(
      "open",
      `${by}'s patch changes ${hit}; whether that part of it, the rules cannot tell.`,
      found,
    );
  if (further)
    return shown(
      "open",
      `${by}'s patch changes ${hit}, perhaps only from before the promise.`,
      found,
    );
  return shown("broken", `${by}'s patch changes ${hit}.`, found);
}

/** Tests never reach the merge, so they break no promise to change nothing else. */
function isOutside(file: string, paths: readonly string[]): boolean {
  return !isTestFile(file) && !paths.some((path) => isMeant(path, file));
}

function open(why: string): Verdict {
  return { status: "open", why, path: null, step: null };
}

type Shown = { readonly path: string | null; readonly evidence: Evidence };

function shown(
  status: Verdict["status"],
  why: string,
  { path, evidence: { edits } }: Shown,
): Verdict {
  const first = edits.find((edit) => edit.path === path);
  return { status, why, path, step: first?.step ?? null };
}
