// Owns a task's repository on the host: made once by the task's setup.sh, kept in a cache, copied for each sandbox.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { moveUnlessThere } from "../../core/disk.ts";
import { Fault } from "../../core/fault.ts";
import { scratch, writeJson } from "../../core/files.ts";
import { gitText, gitTry } from "../../core/git.ts";
import type { OpenOptions, TaskFiles } from "../sandbox.ts";
import { etcFolder } from "./etc-folder.ts";
import { storesIn } from "./home-stores.ts";
import { bubblewrapArgs } from "./isolation.ts";
import { type Layout, ROOM_PATHS } from "./layout.ts";
import { runBash } from "./process.ts";
import { squash } from "./squash.ts";
import { openWorkspace, spawnOrThrow, type Workspace } from "./workspace.ts";

const SETUP_TIMEOUT_MS = 30 * 60_000;

/** A task's repository as setup.sh left it, for sandboxes of one kind. */
export type Prepared = {
  /** All that lies around the repository and goes into a sandbox: the repository itself as `repo`, perhaps a home. */
  readonly place: string;
  /** Its tree as a single commit. */
  readonly squashed: string;
  readonly tree: string;
  /** What agents and suites start from. */
  readonly commits: Readonly<Record<OpenOptions["purpose"], string>>;
  /** Folders of the home, as names in the place, that are too large for a copy each. */
  readonly stores: readonly string[];
};
export type PrepareOptions = {
  readonly task: TaskFiles;
  readonly cache_dir: string;
  /** The environment of its commands; those of a sandbox alone with its paths. */
  readonly env: (paths: Layout["inside"]) => Record<string, string>;
  /** Folders that setup.sh must not see; undefined where nothing isolates it. */
  readonly hidden: readonly string[] | undefined;
  readonly signal: AbortSignal;
};
type Sought = Pick<PrepareOptions, "task" | "cache_dir" | "hidden">;

/** The prepared repository when the cache has it. */
export async function preparedRepository(sought: Sought): Promise<Prepared | undefined> {
  const path = cachePath(sought);
  if (!existsSync(path)) return undefined;
  // What nothing isolates has no home of setup.sh's.
  const place = sought.hidden === undefined ? path : join(path, "workspace");
  const stores = join(path, "stores.json");
  const squashed = join(path, "squashed.git");
  const [of, agent] = await Promise.all([
    gitText(["rev-parse", "HEAD^{tree}", "HEAD"], { git_dir: join(place, "repo/.git") }),
    gitText(["rev-parse", "HEAD"], { git_dir: squashed }),
  ]);
  const [tree = "", suite = ""] = of.split("\n");
  return {
    ...{ place, squashed, tree, commits: { agent, suite } },
    stores: existsSync(stores) ? Stores.parse(JSON.parse(readFileSync(stores, "utf8"))) : [],
  };
}

const Stores = z.array(z.string());

/**
 * Runs setup.sh in a sandbox (where one isolates) and keeps what it made: the repository at the path that agents and
 * suites have it at, what lies next to it, and the home. Throws Fault `setup_failed` with the script's last words.
 */
export async function prepareRepository(options: PrepareOptions): Promise<Prepared> {
  const { task, cache_dir, hidden } = options;
  const known = await preparedRepository(options);
  if (known) return known;
  await using workspace = openWorkspace("setup", {
    isolated: hidden !== undefined,
    root: cache_dir,
  });
  await using folder = scratch(cache_dir, "made");
  // Without isolation it begins in an empty folder, next to its home.
  const place = hidden === undefined ? join(workspace.host.root, "place") : workspace.host.place;
  mkdirSync(place, { recursive: true });
  await runSetup(options, workspace, place);
  workspace.takeBack();
  const repo = await takeRepository(task, place);
  await squash(repo, join(folder.path, "squashed.git"));
  if (hidden === undefined) renameSync(repo, join(folder.path, "repo"));
  else {
    writeJson(join(folder.path, "stores.json"), storesIn(workspace.host.home));
    renameSync(place, join(folder.path, "workspace"));
  }
  const target = cachePath(options);
  await moveUnlessThere(folder.path, target);
  const prepared = await preparedRepository(options);
  if (prepared) return prepared;
  throw setupFault(task, "the prepared repository vanished");
}

/** Raised when isolated sandboxes are laid out differently: what is prepared may hold absolute paths. */
const ROOM_RULES = 1;

function cachePath({ cache_dir, task, hidden }: Sought): string {
  const room = hidden === undefined ? "" : `-room${ROOM_RULES}`;
  const name = `task${task.task_id}-${task.task_hash.slice(0, 16)}${room}`;
  return join(cache_dir, "repositories", task.repo, name);
}

async function runSetup(
  options: PrepareOptions,
  workspace: Workspace,
  place: string,
): Promise<void> {
  const { task, hidden, env, signal } = options;
  if (!existsSync(join(task.dir, "setup.sh")))
    throw new Fault("setup_failed", `${task.repo}/task${task.task_id} has no setup.sh`, {
      hint: "the text-only dataset cannot run on the local backend: fetch the full one, or use --backend docker",
    });
  const { host, inside, user, mounts } = workspace;
  const isolated = hidden !== undefined;
  const files = isolated ? await readableCopy(task.dir, join(host.root, "../task")) : task.dir;
  const seen = isolated ? TASK_PATH : task.dir;
  workspace.handOver();
  const laid = [...mounts, { source: files, path: TASK_PATH, writable: false }];
  const room = {
    mounts: laid,
    own_etc: host.etc,
    etc: isolated ? await etcFolder(options.cache_dir, "open") : "",
    hidden: hidden ?? [],
    network: "open",
    user,
  } as const;
  const result = await runBash(`bash '${seen.replaceAll("'", "'\\''")}/setup.sh'`, {
    ...{ timeout_ms: SETUP_TIMEOUT_MS, wrap: isolated ? bubblewrapArgs(room) : [], cwd: place },
    ...(isolated ? { folder: ROOM_PATHS.place } : {}),
    ...{ env: env(inside), script_dir: host.scripts, script_dir_inside: inside.scripts, signal },
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
    result.timed_out ? "setup.sh did not end within 30 minutes" : `setup.sh failed: ${words}`,
  );
}

/** Where setup.sh finds itself and its task's files. */
const TASK_PATH = "/.tandem/task";

/** The task's files for another user than ours: a dataset may be closed to others. */
async function readableCopy(source: string, target: string): Promise<string> {
  await cp(source, target, { recursive: true, dereference: true });
  spawnOrThrow(["chmod", "-R", "a+rX", target]);
  return target;
}

/** The one git repository that setup.sh left, moved to where sandboxes have it; its own name leads there too. */
async function takeRepository(task: TaskFiles, place: string): Promise<string> {
  const [name, repo] = [await findRepository(task, place), join(place, "repo")];
  if (name === "repo") return repo;
  if (existsSync(repo)) throw setupFault(task, `setup.sh left both ${name} and repo`);
  renameSync(join(place, name), repo);
  symlinkSync("repo", join(place, name));
  return repo;
}

async function findRepository(task: TaskFiles, place: string): Promise<string> {
  const found = readdirSync(place).filter((name) => existsSync(join(place, name, ".git")));
  const [name] = found;
  if (name === undefined || found.length > 1)
    throw setupFault(task, `setup.sh left ${found.length} git repositories, not one`);
  const cwd = join(place, name);
  const head = await gitTry(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { cwd });
  if (head.exit_code === 0) return name;
  throw setupFault(task, "setup.sh left a git repository that has no commit");
}

function setupFault(task: TaskFiles, what: string): Fault {
  return new Fault("setup_failed", `${task.repo}/task${task.task_id}: ${what}`, {
    hint: "setup.sh clones the repository and may need a network; --backend docker does without it",
  });
}
