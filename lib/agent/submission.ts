// Owns taking an agent's work out of its sandbox: patch.txt byte for byte, else the work tree's own diff.
import { join } from "node:path";
import type { PatchSource } from "../../db/schema.ts";
import { isBlank, parsePatch } from "../merge/patch.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

const GIT_TIMEOUT_MS = 120_000;
const PATCH_FILE = "patch.txt";
/** Exit status of our scripts where the agent has removed the repository's base. */
const NO_BASE = 93;

export type Work = { readonly patch: Uint8Array; readonly patch_source: PatchSource };

/**
 * The patch the agent wrote, unchanged, when there is one, it applies to the base and does not hold itself;
 * otherwise the difference between the base and the work tree (ignored files, other repositories inside it and
 * patch.txt left out), which may be no bytes at all. Throws the signal's reason on abort.
 */
export async function takeWork(sandbox: Sandbox, signal: AbortSignal): Promise<Work> {
  const written = await sandbox.get(join(sandbox.repo_path, PATCH_FILE));
  if (written && !isBlank(written) && !holdsItself(written) && (await applies(sandbox, signal)))
    return { patch: written, patch_source: "patch.txt" };
  const patch = await workTreeDiff(sandbox, signal);
  return patch.length > 0 ? { patch, patch_source: "work tree" } : { patch, patch_source: "none" };
}

/** A second `git add -A` takes the first patch.txt along, and both agents' patches would then conflict in it. */
function holdsItself(patch: Uint8Array): boolean {
  return parsePatch(patch).files.some(({ new_path }) => new_path === PATCH_FILE);
}

/** Git commands over an index of their own, so that the agent's index and configuration do not matter. */
function withOwnIndex(sandbox: Sandbox, script: string): string {
  return `export GIT_INDEX_FILE='${join(sandbox.work_path, "harness.index")}' GIT_CONFIG_GLOBAL=/dev/null GIT_OPTIONAL_LOCKS=0
rm -f "$GIT_INDEX_FILE"
g() { git -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c core.quotePath=true -c apply.whitespace=nowarn -c apply.ignoreWhitespace=no -c diff.external= -c diff.noprefix=false -c diff.mnemonicPrefix=false -c diff.relative=false "$@"; }
g read-tree ${sandbox.base_commit} || exit ${NO_BASE}
${script}`;
}

/** Where the agent has removed the base there is nothing to check against: then the merge will tell. */
async function applies(sandbox: Sandbox, signal: AbortSignal): Promise<boolean> {
  const script = withOwnIndex(sandbox, `g apply --cached --check ${PATCH_FILE}`);
  const options = { timeout_ms: GIT_TIMEOUT_MS, signal };
  return [0, NO_BASE].includes((await sandbox.exec(script, options)).exit_code);
}

/** One file that cannot be added (unreadable, a repository without a commit) must not cost the others. */
async function workTreeDiff(sandbox: Sandbox, signal: AbortSignal): Promise<Uint8Array> {
  const target = join(sandbox.work_path, "work-tree.diff");
  const all = `-- . ':(exclude,top)${PATCH_FILE}'`;
  const how = "--binary --full-index --no-color --no-ext-diff --no-textconv --ignore-submodules";
  const script = withOwnIndex(
    sandbox,
    `rm -f '${target}'
g add -A --ignore-errors ${all} 2>/dev/null
g diff --cached ${how} ${sandbox.base_commit} ${all} > '${target}'`,
  );
  await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS, signal });
  return (await sandbox.get(target)) ?? new Uint8Array();
}
