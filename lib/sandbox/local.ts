// Owns the local backend: a folder, a git checkout of its own, and bash (in bubblewrap where it works).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { arch, platform, tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { scratch, sha256 } from "../files.ts";
import { gitText } from "../git.ts";
import { bubblewrapArgs, bubblewrapWorks, isolationFault } from "./isolation.ts";
import { type Prepared, preparedRepository, prepareRepository } from "./local-repository.ts";
import { runBash } from "./process.ts";
import type { Backend, Base, ExecOptions, OpenOptions, Sandbox, TaskFiles } from "./sandbox.ts";

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
  const isolated = bubblewrapWorks() && !options.unsafe_local;
  const prepared = new Map<string, Promise<Prepared>>();
  const prepare = (task: TaskFiles, signal?: AbortSignal) => {
    const known = prepared.get(task.task_hash);
    if (known) return known;
    const started = prepareRepository({
      task,
      cache_dir: options.cache_dir,
      env: hostEnv(tmpdir()),
      signal,
    });
    prepared.set(task.task_hash, started);
    // A failed preparation is tried again by the next unit that wants it.
    started.catch(() => prepared.delete(task.task_hash));
    return started;
  };
  return {
    name: "local",
    environment: (task) => sha256(`local ${platform()} ${arch()} ${task.task_hash}`),
    base: async (task, signal) => baseOf(await prepare(task, signal)),
    async baseAtHand(task) {
      const found = await preparedRepository(options.cache_dir, task);
      return found && baseOf(found);
    },
    async open(request) {
      if (!isolated && !options.unsafe_local) throw isolationFault();
      return openLocal(
        request,
        await prepare(request.task, request.signal),
        isolated ? options.hidden : undefined,
      );
    },
  };
}

function baseOf(prepared: Prepared): Base {
  return { git_dir: join(prepared.path, "repo/.git"), tree: prepared.tree };
}

async function openLocal(
  request: OpenOptions,
  prepared: Prepared,
  hidden: readonly string[] | undefined,
): Promise<Sandbox> {
  const workspace = scratch(
    join(tmpdir(), `tandem-${userInfo().uid}`),
    request.label.replaceAll("/", "_"),
  );
  const repo_path = join(workspace.path, "repo");
  const work_path = join(workspace.path, "work");
  for (const folder of ["home", "tmp", "work"]) mkdirSync(join(workspace.path, folder));
  await cp(join(prepared.path, "repo"), repo_path, { recursive: true, verbatimSymlinks: true });
  if (request.purpose === "agent") {
    rmSync(join(repo_path, ".git"), { recursive: true });
    await cp(join(prepared.path, "squashed.git"), join(repo_path, ".git"), { recursive: true });
  }
  const wrap = hidden === undefined ? [] : bubblewrapArgs(workspace.path, { hidden });
  const inside = (path: string) => insideWorkspace(workspace.path, path);
  return {
    repo_path,
    work_path,
    base_commit: await gitText(["rev-parse", "HEAD"], { cwd: repo_path }),
    exec: (command: string, options: ExecOptions) =>
      runBash(command, {
        ...options,
        wrap,
        cwd: options.cwd ?? repo_path,
        env: hostEnv(workspace.path),
        script_dir: work_path,
      }),
    async put(path, bytes) {
      mkdirSync(dirname(inside(path)), { recursive: true });
      writeFileSync(inside(path), bytes);
    },
    async get(path) {
      return existsSync(inside(path)) ? readFileSync(inside(path)) : undefined;
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

/** The environment of a local command: tools on the PATH, a home of its own, and no key of the host's. */
function hostEnv(workspace: string): Record<string, string> {
  const bun = [join(import.meta.dir, "../../node_modules/.bin"), dirname(process.execPath)];
  return {
    PATH: [...bun, process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(delimiter),
    HOME: join(workspace, "home"),
    TMPDIR: join(workspace, "tmp"),
    LANG: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
  };
}

function insideWorkspace(workspace: string, path: string): string {
  const absolute = resolve(path);
  if (absolute.startsWith(`${workspace}/`)) return absolute;
  throw new RangeError(`${path} is outside the sandbox`);
}
