// Owns the git folder that agents get for a prepared repository: one commit, excluding what setup.sh left next to it.
import { join } from "node:path";
import { writeWhole } from "../../core/files.ts";
import { git, gitText } from "../../core/git.ts";

/** A git folder whose only commit holds the tree of HEAD: what an agent may see of the past. */
export async function squash(repo: string, target: string): Promise<void> {
  const commit = await gitText(["commit-tree", "HEAD^{tree}", "-m", "base"], { cwd: repo });
  const pack = await git(["pack-objects", "--revs", "--stdout", "-q"], {
    cwd: repo,
    input: `${commit}\n`,
  });
  await git(["init", "-q", "--bare", "--template=", "-b", "main", target]);
  await git(["index-pack", "--stdin", "--fix-thin"], { git_dir: target, input: pack });
  await git(["update-ref", "refs/heads/main", commit], { git_dir: target });
  await git(["read-tree", "HEAD"], { git_dir: target });
  for (const [name, value] of SQUASHED_CONFIG)
    await git(["config", name, value], { git_dir: target });
  // What setup.sh left in addition to the commit (builds, environments) is not an agent's work.
  const left = await git(["ls-files", "-z", "--others", "--exclude-standard"], { cwd: repo });
  writeWhole(join(target, "info/exclude"), excludeLines(left));
}

/** Ignore rules that match exactly these paths; paths are bytes, and a line cannot hold every one of them. */
function excludeLines(paths: Buffer): Buffer {
  const names = paths.toString("latin1").split("\0");
  const lines = names
    .filter((name) => name !== "" && !name.includes("\n"))
    .map((name) => `/${name.replace(/[\\*?[\]!# ]/g, "\\$&")}\n`);
  return Buffer.from(lines.join(""), "latin1");
}

const SQUASHED_CONFIG = [
  ["core.bare", "false"],
  ["user.name", "agent"],
  ["user.email", "agent@localhost"],
] as const;
