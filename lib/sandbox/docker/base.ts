// Owns the base of a task on the host: the tree of the image's repository, exported once an image into a bare cache.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { moveUnlessThere } from "../../core/disk.ts";
import { Fault } from "../../core/fault.ts";
import { scratch } from "../../core/files.ts";
import { git, gitText } from "../../core/git.ts";
import type { Base } from "../sandbox.ts";
import type { DockerSandbox } from "./sandbox.ts";

const EXPORT_TIMEOUT_MS = 10 * 60_000;
const PACK = "/tmp/.tandem-base.pack";

/** The base that the cache has of the image with that digest. */
export async function cachedBase(cacheDir: string, digest: string): Promise<Base | undefined> {
  const git_dir = baseFolder(cacheDir, digest);
  if (!existsSync(git_dir)) return undefined;
  return { git_dir, tree: await gitText(["rev-parse", "main^{tree}"], { git_dir }) };
}

/**
 * Takes the tree of HEAD out of a sandbox of the image, as one commit, into the cache. Throws Fault `setup_failed`
 * when the image's repository cannot give it.
 */
export async function exportBase(
  sandbox: DockerSandbox,
  place: { readonly cache_dir: string; readonly digest: string },
  signal: AbortSignal,
): Promise<Base> {
  const { cache_dir, digest } = place;
  const target = baseFolder(cache_dir, digest);
  const { commit, pack } = await packOf(sandbox, signal);
  await using folder = scratch(cache_dir, "base");
  const made = join(folder.path, "base.git");
  await git(["init", "-q", "--bare", "-b", "main", made]);
  await git(["index-pack", "--stdin"], { git_dir: made, input: pack, signal });
  await git(["update-ref", "refs/heads/main", commit], { git_dir: made });
  await moveUnlessThere(made, target);
  const base = await cachedBase(cache_dir, digest);
  if (base) return base;
  throw exportFault(digest, "the exported base vanished");
}

async function packOf(sandbox: DockerSandbox, signal: AbortSignal) {
  const script = `set -e
export GIT_AUTHOR_NAME=tandem GIT_AUTHOR_EMAIL=tandem@localhost GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=tandem GIT_COMMITTER_EMAIL=tandem@localhost GIT_COMMITTER_DATE='1700000000 +0000'
commit=$(git -c safe.directory='*' commit-tree 'HEAD^{tree}' -m base)
echo "$commit" | git -c safe.directory='*' pack-objects --revs --stdout -q >${PACK}
echo "$commit"`;
  const made = await sandbox.exec(script, { timeout_ms: EXPORT_TIMEOUT_MS, signal });
  const words = Buffer.from(made.output).toString("utf8").trim();
  const pack = made.exit_code === 0 ? await sandbox.get(PACK) : undefined;
  if (pack) return { commit: words.split("\n").at(-1) ?? "", pack };
  throw exportFault(sandbox.image.reference, `its repository cannot be exported: ${words}`);
}

function exportFault(image: string, what: string): Fault {
  return new Fault("setup_failed", `${image}: ${what}`, {
    hint: "the image needs git and a repository with a commit at /workspace/repo",
  });
}

function baseFolder(cacheDir: string, digest: string): string {
  return join(cacheDir, "images", digest.replace(":", "-"), "base.git");
}
