// Owns what a patch of an agent changes, for tests: asked of git itself.
import { join } from "node:path";
import { git, gitText } from "../core/git.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { Base } from "../sandbox/sandbox.ts";

/** Lines such as `A new.txt`, in order of paths. */
export async function changesBy(patch: Uint8Array, { git_dir, tree }: Base): Promise<string[]> {
  using folder = temporaryFolder();
  const options = { git_dir, env: { GIT_INDEX_FILE: join(folder.path, "index") } };
  await git(["read-tree", tree], options);
  if (patch.length > 0) await git(["apply", "--cached", "-"], { ...options, input: patch });
  const args = ["diff", "--cached", "--name-status", "-z", "--no-renames", tree];
  const changes = (await gitText(args, options)).matchAll(/([A-Z])\0([^\0]+)\0/g);
  return Array.from(changes, ([, letter, path]) => `${letter} ${path}`);
}
