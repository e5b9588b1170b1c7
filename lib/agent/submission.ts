// Owns taking an agent's work out of its sandbox: patch.txt byte for byte, else the work tree's own diff.

import { join } from "node:path";
import type { PatchSource } from "../../db/schema.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

const GIT_TIMEOUT_MS = 120_000;
/** Far above any honest patch; a larger diff is cut by the sandbox and then does not apply. */
const PATCH_FILE = "patch.txt";

export type Work = { readonly patch: Uint8Array; readonly patch_source: PatchSource };

/**
 * The patch the agent wrote, unchanged, when there is one and it applies to the base; otherwise the difference
 * between the base and the work tree (ignored files and patch.txt left out), which may be no bytes at all.
 */
export async function takeWork(sandbox: Sandbox): Promise<Work> {
  const written = await sandbox.get(join(sandbox.repo_path, PATCH_FILE));
  if (written !== undefined && !isBlank(written) && (await appliesToBase(sandbox)))
    return { patch: written, patch_source: "patch.txt" };
  const patch = await workTreeDiff(sandbox);
  return patch.length > 0 ? { patch, patch_source: "work tree" } : { patch, patch_source: "none" };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** Git commands over an index of their own, so that the agent's index and configuration do not matter. */
function withOwnIndex(sandbox: Sandbox, script: string): string {
  return `export GIT_INDEX_FILE='${join(sandbox.work_path, "harness.index")}' GIT_CONFIG_GLOBAL=/dev/null GIT_OPTIONAL_LOCKS=0
rm -f "$GIT_INDEX_FILE"
g() { git -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c diff.external= -c diff.noprefix=false -c diff.mnemonicPrefix=false "$@"; }
g read-tree ${sandbox.base_commit} || exit 3
${script}`;
}

async function appliesToBase(sandbox: Sandbox): Promise<boolean> {
  const script = withOwnIndex(sandbox, `g apply --cached --check ${PATCH_FILE}`);
  return (await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS })).exit_code === 0;
}

async function workTreeDiff(sandbox: Sandbox): Promise<Uint8Array> {
  const target = join(sandbox.work_path, "work-tree.diff");
  const script = withOwnIndex(
    sandbox,
    `g add -A -- . ':(exclude,top)${PATCH_FILE}' 2>/dev/null
g diff --cached --binary --full-index --no-color --no-ext-diff --no-textconv ${sandbox.base_commit} -- . ':(exclude,top)${PATCH_FILE}' > '${target}'`,
  );
  await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS });
  return (await sandbox.get(target)) ?? new Uint8Array();
}
