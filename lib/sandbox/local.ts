// Owns the local backend: a folder, a git checkout of its own, and bash (in bubblewrap where it works).
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { arch, homedir, platform, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Fault } from "../fault.ts";
import { sha256 } from "../files.ts";
import { gitText } from "../git.ts";
import { bubblewrapArgs, bubblewrapWorks, isolationFault } from "./isolation.ts";
import { openPrograms } from "./local-programs.ts";
import { type Prepared, preparedRepository, prepareRepository } from "./local-repository.ts";
import { openLocalShare } from "./local-share.ts";
import { runBash } from "./process.ts";
import {
  type Backend,
  type Base,
  MOST_FILE_BYTES,
  type OpenOptions,
  type Runner,
  type Sandbox,
  type TaskFiles,
} from "./sandbox.ts";
import { mountsOf, type SharedMount } from "./share.ts";
import { SharedWork } from "./shared.ts";
import { giveAll, openWorkspace, type Workspace } from "./workspace.ts";

export type LocalOptions = {
  /** Folder for prepared repositories, kept between calls. */
  readonly cache_dir: string;
  /** Folders that isolated commands must not see. */
  readonly hidden: readonly string[];
  /** Runs commands of a model without bubblewrap. */
  readonly unsafe_local: boolean;
};

/** The backend that needs nothing but git and bash. */
export function localBackend(options: LocalOptions): Backend {
  const { cache_dir, unsafe_local } = options;
  const isolated = !unsafe_local && bubblewrapWorks();
  const preparations = new SharedWork<Prepared>();
  const prepare = (task: TaskFiles, caller: AbortSignal | undefined) =>
    preparations.get(
      task.task_hash,
      (signal) => prepareRepository({ task, cache_dir, env: hostEnv(tmpdir()), signal }),
      caller,
    );
  return {
    name: "local",
    runner: localRunner,
    environment: async (task) => sha256(`local ${platform()} ${arch()} ${task.task_hash}`),
    base: async (task, signal) => baseOf(await prepare(task, signal)),
    async baseAtHand(task) {
      const found = await preparedRepository(cache_dir, task);
      return found && baseOf(found);
    },
    async open(request) {
      if (!isolated && !unsafe_local) throw isolationFault();
      const hidden = [...options.hidden, cache_dir, request.task.dir];
      const prepared = await prepare(request.task, request.signal);
      return openLocal(request, prepared, isolated ? hidden : undefined);
    },
    openShare: openLocalShare,
  };
}

function baseOf(prepared: Prepared): Base {
  return { git_dir: join(prepared.path, "repo/.git"), tree: prepared.tree };
}

/** `hidden`: folders that isolated commands must not see; undefined for commands that nothing isolates. */
async function openLocal(
  request: OpenOptions,
  prepared: Prepared,
  hidden: readonly string[] | undefined,
): Promise<Sandbox> {
  await using resources = new AsyncDisposableStack();
  const isolated = hidden !== undefined;
  const workspace = resources.use(openWorkspace(request.label, { isolated }));
  await copyRepository(prepared, workspace.repo, request.purpose);
  request.signal?.throwIfAborted();
  const base_commit = await gitText(["rev-parse", "HEAD"], { cwd: workspace.repo });
  workspace.handOver();
  const { tmp, user } = workspace;
  const shared = mountsOf(request.share);
  if (user !== undefined)
    for (const { source, writable } of shared) if (writable) giveAll(source, user);
  const base = join(prepared.path, request.purpose === "agent" ? "squashed.git" : "repo/.git");
  const base_git = isolated ? join(workspace.own, "base.git") : base;
  const wrap = (extra: readonly SharedMount[] = []) =>
    isolated
      ? bubblewrapArgs(workspace.path, { hidden, tmp, user, shared: [...shared, ...extra] })
      : [];
  const programs = openPrograms(workspace);
  let agent = wrap();
  // Needed twice in a sandbox's life: it is not kept.
  const harness = () => wrap([{ source: base, path: base_git, writable: false }]);
  const kept = resources.move();
  return {
    repo_path: workspace.repo,
    work_path: workspace.work,
    base_commit,
    base_git,
    exec: bashIn(workspace, { agent: () => agent, harness, path: programs.path }),
    put: async (path, bytes) => workspace.put(path, bytes),
    putAll: async (files) => {
      for (const { path, bytes } of files) workspace.put(path, bytes);
    },
    get: async (path, most_bytes = MOST_FILE_BYTES) => workspace.get(path, most_bytes),
    async addProgram(name, text) {
      agent = wrap(programs.add(name, text));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Wraps = Readonly<Record<"agent" | "harness", () => readonly string[]>> & {
  /** The PATH, given the host's. */
  readonly path: (host: string) => string;
};

function bashIn(workspace: Workspace, wraps: Wraps): Sandbox["exec"] {
  return async (command, options) => {
    workspace.assertThere();
    // A command may have removed the folder it ran in: that is its own doing, not a broken laboratory.
    const folder = options.cwd ?? workspace.repo;
    const host = hostEnv(workspace.path);
    const env = { ...host, PATH: wraps.path(host.PATH) };
    const [cwd, script_dir] = [workspace.path, workspace.path];
    const wrap = wraps[options.harness === true ? "harness" : "agent"]();
    const owns_processes = wrap.length > 0;
    return runBash(command, { ...options, wrap, owns_processes, cwd, folder, env, script_dir });
  };
}

/** Times of the files are kept: build tools compare them, and what setup.sh compiled must stay up to date. */
async function copyRepository(
  prepared: Prepared,
  target: string,
  purpose: OpenOptions["purpose"],
): Promise<void> {
  const how = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true } as const;
  const source = join(prepared.path, "repo");
  mkdirSync(target);
  for (const name of readdirSync(source))
    if (purpose === "suite" || name !== ".git")
      await cp(join(source, name), join(target, name), how);
  if (purpose === "agent") await cp(join(prepared.path, "squashed.git"), join(target, ".git"), how);
}

/** The environment of a local command: tools on the PATH, a home of its own, and no key of the host's. */
function hostEnv(workspace: string): Record<string, string> & { readonly PATH: string } {
  const bun = [join(import.meta.dir, "../../node_modules/.bin"), dirname(process.execPath)];
  return {
    PATH: [...bun, process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(delimiter),
    HOME: join(workspace, "home"),
    TMPDIR: join(workspace, "tmp"),
    // The toolchains of rustup are found through the home folder, which is another one here.
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** `run_tests.sh <repo path> <tests patch> <feature patch>` of the task's folder. */
function localRunner(task: TaskFiles): Runner {
  const path = join(task.dir, "run_tests.sh");
  if (!existsSync(path))
    throw new Fault("dataset_missing", `${task.repo}/task${task.task_id} has no run_tests.sh`, {
      hint: "the text-only dataset cannot be evaluated on the local backend: fetch the full one",
    });
  const script = { name: "run_tests.sh", bytes: readFileSync(path) };
  const at = ({ work_path }: Sandbox) => join(work_path, script.name);
  return {
    hash: sha256(script.bytes),
    script,
    path: at,
    command: (sandbox, tests_path, feature_path) =>
      `bash '${at(sandbox)}' '${sandbox.repo_path}' '${tests_path}' '${feature_path}'`,
  };
}
