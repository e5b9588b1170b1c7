// Owns a task's repository on the host: made once by the task's setup.sh, kept in a cache, copied for each sandbox.
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { moveFolder, settle } from "../disk.ts";
import { Fault } from "../fault.ts";
import { scratch, writeWhole } from "../files.ts";
import { git, gitText, gitTry } from "../git.ts";
import { runBash } from "./process.ts";
import type { TaskFiles } from "./sandbox.ts";

const SETUP_TIMEOUT_MS = 30 * 60_000;

/** A folder with `repo/` (as setup.sh left it) and `squashed.git/` (its tree as a single commit). */
export type Prepared = { readonly path: string; readonly tree: string };
export type PrepareOptions = {
  readonly task: TaskFiles;
  readonly cache_dir: string;
  readonly env: Record<string, string>;
  readonly signal: AbortSignal;
};

/** The prepared repository when the cache has it. */
export async function preparedRepository(
  cacheDir: string,
  task: TaskFiles,
): Promise<Prepared | undefined> {
  const path = cachePath(cacheDir, task);
  if (!existsSync(path)) return undefined;
  return {
    path,
    tree: await gitText(["rev-parse", "HEAD^{tree}"], { git_dir: join(path, "repo/.git") }),
  };
}

/** Runs setup.sh in an empty folder and keeps what it made. Throws Fault `setup_failed` with the script's last words. */
export async function prepareRepository(options: PrepareOptions): Promise<Prepared> {
  const { task, cache_dir } = options;
  const known = await preparedRepository(cache_dir, task);
  if (known) return known;
  await using folder = scratch(cache_dir, "setup");
  const place = join(folder.path, "place");
  const made = join(folder.path, "made");
  for (const path of [place, made, join(folder.path, "home"), join(folder.path, "tmp")])
    mkdirSync(path);
  await runSetup(options, folder.path, place);
  renameSync(await findRepository(task, place), join(made, "repo"));
  await squash(join(made, "repo"), join(made, "squashed.git"));
  const target = cachePath(cache_dir, task);
  await moveUnlessThere(made, target);
  const prepared = await preparedRepository(cache_dir, task);
  if (prepared) return prepared;
  throw setupFault(task, "the prepared repository vanished");
}

/** On the disk before it counts. Another process may have finished the same preparation first; then its result stands. */
async function moveUnlessThere(made: string, target: string): Promise<void> {
  await settle(made);
  try {
    moveFolder(made, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

function cachePath(cacheDir: string, task: TaskFiles): string {
  return join(
    cacheDir,
    "repositories",
    task.repo,
    `task${task.task_id}-${task.task_hash.slice(0, 16)}`,
  );
}

async function runSetup(options: PrepareOptions, root: string, place: string): Promise<void> {
  const { task } = options;
  const script = join(task.dir, "setup.sh");
  if (!existsSync(script))
    throw new Fault("setup_failed", `${task.repo}/task${task.task_id} has no setup.sh`, {
      hint: "the text-only dataset cannot run on the local backend: fetch the full one, or use --backend docker",
    });
  const result = await runBash(`bash '${script.replaceAll("'", "'\\''")}'`, {
    timeout_ms: SETUP_TIMEOUT_MS,
    wrap: [],
    cwd: place,
    env: { ...options.env, HOME: join(root, "home"), TMPDIR: join(root, "tmp") },
    script_dir: root,
    signal: options.signal,
  });
  if (result.exit_code === 0) return;
  const words = Buffer.from(result.output)
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(-3)
    .join(" | ");
  throw setupFault(
    task,
    result.timed_out ? "setup.sh did not end in 30 minutes" : `setup.sh failed: ${words}`,
  );
}

async function findRepository(task: TaskFiles, place: string): Promise<string> {
  const found = readdirSync(place).filter((name) => existsSync(join(place, name, ".git")));
  const [name] = found;
  if (name === undefined || found.length > 1)
    throw setupFault(task, `setup.sh left ${found.length} git repositories, not one`);
  const cwd = join(place, name);
  const head = await gitTry(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { cwd });
  if (head.exit_code === 0) return cwd;
  throw setupFault(task, "setup.sh left a git repository that has no commit");
}

/** A git folder whose only commit holds the tree of HEAD: what an agent may see of the past. */
async function squash(repo: string, target: string): Promise<void> {
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
  // What setup.sh left beside the commit (builds, environments) is no agent's work.
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

function setupFault(task: TaskFiles, what: string): Fault {
  return new Fault("setup_failed", `${task.repo}/task${task.task_id}: ${what}`, {
    hint: "setup.sh clones the repository and may need a network; --backend docker does not use it",
  });
}
