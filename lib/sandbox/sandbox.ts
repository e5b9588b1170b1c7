// Owns what a sandbox is, whatever runs it: open · exec · put · get · close.

/** More than anything that the harness itself reads from a sandbox. */
export const MOST_FILE_BYTES = 2 * 1024 ** 3 - 1;

/** Where a task's own files are; enough for any backend to make its repository appear. */
export type TaskFiles = {
  readonly repo: string;
  readonly task_id: number;
  /** Absolute path of the task's folder in the dataset. */
  readonly dir: string;
  /** SHA-256 over the task's files. */
  readonly task_hash: string;
};

export type ExecOptions = {
  /** Deadline in milliseconds; the command's process group is killed at it. */
  readonly timeout_ms: number;
  /** Bytes of output kept, half from the head and half from the tail. Default 10 MiB. */
  readonly max_output_bytes?: number;
  /** Working folder; the repository's root when absent. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** A call of the harness's own, when the agent has ended: it sees `base_git`, and is none of the agent's commands. */
  readonly harness?: boolean;
  /** The agent itself, which runs in the sandbox: it is none of an agent's commands. */
  readonly program?: boolean;
};

export type ExecResult = {
  /** Exit status; 128 + signal when the command was killed by one. */
  readonly exit_code: number;
  /** Standard output and error in the order they were written. */
  readonly output: Uint8Array;
  /** Bytes left out between head and tail. */
  readonly dropped_bytes: number;
  readonly timed_out: boolean;
  /** Whether the engine killed something in the sandbox for want of memory while the command ran. */
  readonly oom_killed: boolean;
  /** Whether the command was killed because the sandbox had written more than it may. */
  readonly disk_exceeded?: boolean;
  /** How many processes the command left running, which were ended behind it; absent when there were none. */
  readonly left_running?: number;
  readonly duration_ms: number;
};

/** What a command leaves running has so long to end by itself, in milliseconds. */
export const GRACE_MS = 500;

/** A file for an absolute path inside. */
export type SandboxFile = { readonly path: string; readonly bytes: Uint8Array };

/** A place where commands run on one copy of the repository. */
export interface Sandbox extends AsyncDisposable {
  /** Absolute path of the repository inside the sandbox. */
  readonly repo_path: string;
  /** Absolute path of a writable folder outside the repository, for patches and the harness's own files. */
  readonly work_path: string;
  /** The commit the repository started from, inside the sandbox. */
  readonly base_commit: string;
  /**
   * Absolute path inside of a git folder of the harness's own, with the base commit and what is excluded. Commands of an
   * agent do not see it, or have no reason to touch it; calls with `harness` may read it.
   */
  readonly base_git: string;
  /** `http://127.0.0.1:PORT`, where commands reach the gateway; absent for a sandbox that was opened without one. */
  readonly gateway_url?: string;
  /** Absolute path inside of the folder that the sandbox was opened with as `program`. */
  readonly program_path?: string;
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** Writes bytes to an absolute path inside. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes several files, in as few requests as the backend can. */
  putAll(files: readonly SandboxFile[]): Promise<void>;
  /**
   * The bytes of the regular file at an absolute path inside; undefined when there is none, whatever else is there.
   * Throws FileTooLarge for one of more bytes than `most_bytes` ({@link MOST_FILE_BYTES} unless told).
   */
  get(path: string, most_bytes?: number): Promise<Uint8Array | undefined>;
  /** Lets a sandbox that ends by itself after some time live this many milliseconds longer; absent where none ends by itself. */
  readonly prolong?: (ms: number) => Promise<void>;
  /**
   * Puts a program of the harness on the PATH of all commands to come, outside the repository: for `sh`, scripts and any
   * language. `name` is a plain word; `text` begins with `#!/bin/sh`.
   */
  addProgram(name: string, text: string): Promise<void>;
}

/** The base of a task as the backend has it: the truth that merges and suites start from. */
export type Base = {
  /** A git folder that holds the base tree; never written to. */
  readonly git_dir: string;
  readonly tree: string;
};

/** One agent's folder of a share. */
export type SharedFolder = {
  readonly agent_id: string;
  /** Where the backend keeps it: a path of the host, a volume's name. */
  readonly source: string;
  /** Absolute path of it in every sandbox that is opened with the share. */
  readonly path: string;
};

/**
 * A folder an agent, for the sandboxes of one attempt: each agent writes its own and only reads the others'. To be
 * disposed after the sandboxes.
 */
export interface Share extends AsyncDisposable {
  readonly folders: readonly SharedFolder[];
}

export type ShareOptions = {
  /** Unit the share works for, for labels and folder names. */
  readonly label: string;
  /** One or more, of letters, digits, `_` and `-`. */
  readonly agent_ids: readonly string[];
  readonly signal?: AbortSignal;
};

/** Whose sandbox it is: the owner of one folder of the share. */
export type ShareMember = { readonly share: Share; readonly agent_id: string };

export type OpenOptions = {
  readonly task: TaskFiles;
  /** Unit the sandbox works for, for labels and folder names. */
  readonly label: string;
  /** `agent` sandboxes get a squashed history; `suite` sandboxes the repository as set up. */
  readonly purpose: "agent" | "suite";
  /** The folders that the sandbox has in common with others, and its own among them. */
  readonly share?: ShareMember;
  /** The gateway's port, for agents whose programs call models from inside; the network `gateway` needs one. */
  readonly gateway?: GatewaySocket;
  /** A folder that is there to read only, for an agent that is a program in the sandbox. */
  readonly program?: ProgramSource;
  readonly signal?: AbortSignal;
};

/** Where a backend keeps the folder of a program: a path of the host, a volume's name. */
export type ProgramSource = { readonly source: string };

/** What a program finds in a task's sandboxes. */
export type Platform = {
  /** What a program that is not static can be linked with. */
  readonly libc: "glibc" | "musl" | "none";
  /** The version of `python3` there, such as `3.11`; undefined where there is none. */
  readonly python?: string | undefined;
};

/** The folder of a program on this machine; another content has another key, which is letters, digits, `.`, `_` and `-`. */
export type ProgramFolder = { readonly path: string; readonly key: string };

/** Where the gateway listens: an absolute path of a Unix socket of this machine, in a folder that only this user opens. */
export type GatewaySocket = { readonly socket: string };

/** A task's test runner, as a suite calls it. */
export type Runner = {
  /** Tells runners apart where the environment does not (local); a constant where the image holds the runner. */
  readonly hash: string;
  /** The script to put into the sandbox's work folder first, when the sandbox does not hold it already. */
  readonly script?: { readonly name: string; readonly bytes: Uint8Array };
  /** Absolute path of the script inside. */
  path(sandbox: Sandbox): string;
  /**
   * The shell command by which the runner applies both patches (of the work folder) to the repository as it stands and
   * runs the tests; to be called in the repository, as CooperBench calls it. Runners run fewer tests without the
   * second patch, and refuse an empty one: what has no feature to apply passes a patch that changes nothing tested.
   */
  command(sandbox: Sandbox, tests_path: string, feature_path: string): string;
};

/** Room for the sandboxes of one unit. */
export type ReserveOptions = {
  readonly task: TaskFiles;
  /** How many the unit has at a time. */
  readonly sandboxes: number;
  readonly signal?: AbortSignal | undefined;
};
/** The room is given back on disposal, after the sandboxes. */
export type Reservation = AsyncDisposable & {
  /** All that the unit opens is opened on this. */
  readonly backend: Backend;
  /** Name of the engine, for people. */
  readonly where: string;
};

/** MiB of memory, processes, and MiB written. */
export type SandboxLimits = {
  readonly memory_mib: number;
  readonly pids: number;
  readonly disk_mib: number;
};

/** A backend as the registry opens it: another process opens the same by it. The options are JSON. */
export type OpenedAs = {
  readonly name: string;
  readonly unsafe_local: boolean;
  readonly options: Readonly<Record<string, string | number | boolean>>;
};

/** The images that a backend makes sandboxes of. */
export type TaskImages = {
  readonly name: (task: TaskFiles) => string;
  /** All digests that the task's image goes by, as far as they are known without fetching anything. */
  readonly digests: (task: TaskFiles) => Promise<readonly string[]>;
  /** Throws Fault `no_image` where the task's image, fetched when it is absent, goes by none of these digests. */
  readonly assert: (
    task: TaskFiles,
    digests: readonly string[],
    signal: AbortSignal,
  ) => Promise<void>;
};

/** One way to run sandboxes: local, docker, and so on. */
export interface Backend {
  readonly name: string;
  /** Set by the registry. */
  readonly opened_as?: OpenedAs;
  /** Absent where sandboxes are made of no image. */
  readonly images?: TaskImages;
  /** Throws UsageError when agents with these needs cannot have the network asked for; absent where all can. */
  assertNetwork?(needs: { readonly needs_gateway: boolean }): void;
  /** What every sandbox of it may use; absent where nothing is limited. */
  readonly limits?: SandboxLimits;
  /** How many suites at a time it is made for, where its sandboxes do not stand on this machine. */
  readonly suites?: () => Promise<number>;
  /**
   * Room for agents' sandboxes that belong together, on one engine of several; waits while all are full. Absent where there
   * is one place only.
   */
  reserve?(options: ReserveOptions): Promise<Reservation>;
  /**
   * What a suite's surroundings are (an image's digest; host and task for local), part of every result's key;
   * undefined when it cannot be known without fetching something.
   */
  environment(task: TaskFiles): Promise<string | undefined>;
  /** How the task's tests are run in its sandboxes. Throws Fault `dataset_missing` when there is no runner. */
  runner(task: TaskFiles): Runner;
  /** The base, prepared when it is not at hand yet. Throws Fault `setup_failed`. */
  base(task: TaskFiles, signal?: AbortSignal): Promise<Base>;
  /** The base when it is at hand already, without any work. */
  baseAtHand(task: TaskFiles): Promise<Base | undefined>;
  open(options: OpenOptions): Promise<Sandbox>;
  platform(task: TaskFiles, signal?: AbortSignal): Promise<Platform>;
  /** Makes the folder available to sandboxes of the task, once for all of them; where it is so already, nothing is done. */
  keepProgram(task: TaskFiles, folder: ProgramFolder, signal?: AbortSignal): Promise<ProgramSource>;
  /** Empty folders for the agents of an attempt. Throws RangeError for ids that cannot be names. */
  openShare(options: ShareOptions): Promise<Share>;
}
