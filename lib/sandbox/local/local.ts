// Owns the local backend: a folder, a git checkout of its own, and bash (in bubblewrap where it works).
import { existsSync, readFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { Fault, UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { withGateway } from "../gateway.ts";
import { type Network, networkOf } from "../network.ts";
import {
  type Backend,
  type Base,
  MOST_FILE_BYTES,
  type OpenOptions,
  type Runner,
  type Sandbox,
  type TaskFiles,
} from "../sandbox.ts";
import { mountsOf, type SharedMount } from "../share.ts";
import { SharedWork } from "../shared.ts";
import { copyPrepared } from "./copy-prepared.ts";
import { hostEnv } from "./env.ts";
import { etcFolder } from "./etc-folder.ts";
import { openGateway } from "./gateway.ts";
import { bubblewrapArgs, bubblewrapWorks, isolationFault } from "./isolation.ts";
import { ROOM_PATHS } from "./layout.ts";
import { LOCAL_LIMITS, type LocalLimits, runLimited } from "./limits.ts";
import { assertLocalNetwork, LOCAL_NETWORKS, roomNetwork } from "./networks.ts";
import { hostPlatform } from "./platform.ts";
import { runBash } from "./process.ts";
import { openPrograms } from "./programs.ts";
import { type Prepared, preparedRepository, prepareRepository } from "./repository.ts";
import { openLocalShare } from "./share.ts";
import { giveAll, openWorkspace, type Workspace } from "./workspace.ts";

export type LocalOptions = {
  /** Folder for prepared repositories, kept between calls. */
  readonly cache_dir: string;
  /** Folders that isolated commands must not see, wherever they lie. */
  readonly hidden: readonly string[];
  /** Runs commands of a model without bubblewrap. */
  readonly unsafe_local: boolean;
  /** Of agents and suites alike; absent: none for agents, open for suites. Setup.sh's is open. */
  readonly network?: Network | undefined;
  /** What a sandbox may have; the settings' defaults when absent. Where nothing isolates there are none. */
  readonly limits?: Partial<LocalLimits> | undefined;
};

/** Raised when isolated commands find something else around them than before. */
const ROOM_RULES = 1;

/** The backend that needs nothing but git and bash. Throws UsageError for a promise that it cannot keep. */
export function localBackend(options: LocalOptions): Backend {
  const { cache_dir, unsafe_local, network } = options;
  if (unsafe_local && network !== undefined && network !== "open")
    throw new UsageError(`--network ${network} needs bubblewrap: omit --unsafe-local`);
  const isolated = !unsafe_local && bubblewrapWorks();
  const hidden = isolated ? [...options.hidden, cache_dir] : undefined;
  const preparations = new SharedWork<Prepared>();
  const sought = (task: TaskFiles) => {
    return { task, cache_dir, hidden: hidden && [...hidden, task.dir] };
  };
  const prepare = (task: TaskFiles, caller: AbortSignal | undefined) =>
    preparations.get(
      task.task_hash,
      (signal) => prepareRepository({ ...sought(task), env: hostEnv, signal }),
      caller,
    );
  const ofSuites = networkOf({
    networks: LOCAL_NETWORKS,
    purpose: "suite",
    is_warm: false,
    network,
  });
  return {
    name: "local",
    assertNetwork: ({ needs_gateway }) => assertLocalNetwork(options, needs_gateway),
    runner: localRunner,
    // Where nothing isolates, the surroundings are what they always were.
    environment: async (task) =>
      sha256(
        `local ${platform()} ${arch()} ${task.task_hash}${isolated ? ` room ${ROOM_RULES} network ${ofSuites}` : ""}`,
      ),
    base: async (task, signal) => baseOf(await prepare(task, signal)),
    async baseAtHand(task) {
      const found = await preparedRepository(sought(task));
      return found && baseOf(found);
    },
    async open(request) {
      if (!isolated && !unsafe_local) throw isolationFault();
      const { task, purpose, gateway } = request;
      const needs_gateway = gateway !== undefined;
      const own = networkOf({
        ...{ networks: LOCAL_NETWORKS, purpose, is_warm: false, network, needs_gateway },
      });
      if (purpose === "agent") assertLocalNetwork(options, needs_gateway);
      const prepared = await prepare(task, request.signal);
      return openLocal(request, prepared, {
        ...{ hidden: sought(task).hidden, network: own },
        etc: isolated ? await etcFolder(cache_dir, own) : "",
        limits: { ...LOCAL_LIMITS, ...options.limits },
      });
    },
    openShare: (request) => openLocalShare(request, { isolated }),
    platform: async () => hostPlatform(),
    keepProgram: async (_task, { path }) => ({ source: path }),
  };
}

function programMount(program: OpenOptions["program"]): SharedMount[] {
  if (program === undefined) return [];
  return [{ source: program.source, path: ROOM_PATHS.program, writable: false }];
}

function baseOf({ place, tree }: Prepared): Base {
  return { git_dir: join(place, "repo/.git"), tree };
}

type Surroundings = {
  /** Undefined for commands that nothing isolates. */
  readonly hidden: readonly string[] | undefined;
  readonly network: Network;
  readonly etc: string;
  readonly limits: LocalLimits;
};

async function openLocal(
  request: OpenOptions,
  prepared: Prepared,
  { hidden, network, etc, limits }: Surroundings,
): Promise<Sandbox> {
  await using resources = new AsyncDisposableStack();
  const isolated = hidden !== undefined;
  const workspace = resources.use(openWorkspace(request.label, { isolated }));
  const opening = request.gateway && openGateway(request.gateway);
  // Its failure is heard when it is waited for; what it opened is closed in any case.
  const opened = opening?.catch(() => undefined);
  resources.defer(async () => (await opened)?.[Symbol.asyncDispose]());
  const stores = await workspace.fill(() =>
    copyPrepared(prepared, workspace.host, request.purpose),
  );
  const gateway = await opening;
  request.signal?.throwIfAborted();
  const base_commit = prepared.commits[request.purpose];
  workspace.handOver();
  const { user, host, inside } = workspace;
  const shared = mountsOf(request.share);
  if (user !== undefined)
    for (const { source, writable } of shared) if (writable) giveAll(source, user);
  const base = request.purpose === "agent" ? prepared.squashed : join(prepared.place, "repo/.git");
  const base_git = isolated ? ROOM_PATHS.base_git : base;
  const program = programMount(request.program);
  const mounts = [...workspace.mounts, ...stores, ...shared, ...program];
  const wrap = (extra: readonly SharedMount[] = []) =>
    isolated
      ? bubblewrapArgs({
          ...{ mounts: [...mounts, ...extra], etc, own_etc: host.etc, hidden, user },
          network: roomNetwork(network, gateway),
        })
      : [];
  const programs = openPrograms(workspace);
  // Made when it is needed, and kept; a program may be added before.
  let added: readonly SharedMount[] = [];
  let agent: readonly string[] | undefined;
  const ofAgent = () => {
    agent ??= wrap(added);
    return agent;
  };
  // Needed twice in a sandbox's life: it is not kept.
  const harness = () => wrap([{ source: base, path: base_git, writable: false }]);
  const kept = resources.move();
  return {
    repo_path: inside.repo,
    work_path: inside.work,
    base_commit,
    base_git,
    ...(gateway === undefined ? {} : { gateway_url: gateway.url }),
    ...(program.length === 0 ? {} : { program_path: ROOM_PATHS.program }),
    exec: withGateway(
      bashIn(
        workspace,
        { agent: ofAgent, harness, path: programs.path },
        isolated ? limits : undefined,
      ),
      gateway,
    ),
    put: async (path, bytes) => workspace.put(path, bytes),
    putAll: async (files) => {
      for (const { path, bytes } of files) workspace.put(path, bytes);
    },
    get: async (path, most_bytes = MOST_FILE_BYTES) => workspace.get(path, most_bytes),
    async addProgram(name, text) {
      added = programs.add(name, text);
      agent = undefined;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Wraps = Readonly<Record<"agent" | "harness", () => readonly string[]>> & {
  /** The PATH, given the host's. */
  readonly path: (host: string) => string;
};

function bashIn(
  workspace: Workspace,
  wraps: Wraps,
  limits: LocalLimits | undefined,
): Sandbox["exec"] {
  const { host, inside } = workspace;
  return async (command, options) => {
    workspace.assertThere();
    const env = hostEnv(inside);
    const wrap = wraps[options.harness === true ? "harness" : "agent"]();
    const call = {
      ...options,
      wrap,
      owns_processes: wrap.length > 0,
      cwd: host.root,
      // A command may have removed the folder it ran in: that is its own doing, not a broken laboratory.
      folder: options.cwd ?? inside.repo,
      env: { ...env, PATH: wraps.path(env.PATH) },
      ...{ script_dir: host.scripts, script_dir_inside: inside.scripts },
    };
    if (limits === undefined) return await runBash(command, call);
    return await runLimited(command, call, { limits, folder: host.root });
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
