// Owns running one host process to its end: merged output, a cap, a deadline, and no process left behind.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import { endSession, killGroup, killSession } from "../kill.ts";
import { BoundedOutput } from "../output.ts";
import { type ExecOptions, type ExecResult, GRACE_MS } from "../sandbox.ts";

const DEFAULT_OUTPUT_BYTES = 10 * 1024 * 1024;
/** Longest text that is safe as one argument (the kernel's limit is 128 KiB). */
const MAX_ARGUMENT_BYTES = 100_000;
const AFTER_KILL_MS = 2_000;
const MOUNT_TRIES = 10;
const MOUNT_PAUSE_MS = 50;

export type BashOptions = ExecOptions & {
  /** Program and arguments before `bash`, such as bubblewrap's; with them the program ends what bash started. */
  readonly wrap: readonly string[];
  /** Whether that program gives the command a process table of its own, which ends with it. */
  readonly owns_processes?: boolean;
  readonly cwd: string;
  /** Working folder of the command, when it is another one: bash makes it where it is missing, or ends with 126. */
  readonly folder?: string;
  readonly env: Record<string, string>;
  /** Folder for a script file when the command is too long for an argument; commands must not be able to move it. */
  readonly script_dir: string;
  /** The same folder as the command has it, when that is another path. */
  readonly script_dir_inside?: string;
  /** What the command and all that it starts may have; absent for no limit. */
  readonly limits?: ProcessLimits;
  /** Watches the command while it runs, and may end it by the function that it gets. */
  readonly watch?: (end: () => Promise<void>) => AsyncDisposable;
};

/** Processes of the command's user, and bytes of one file. */
export type ProcessLimits = {
  /** Undefined for no limit. */
  readonly pids: number | undefined;
  readonly file_bytes: number;
};

/**
 * Runs a bash command in a session of its own, which is killed whole at the deadline, on abort and at the end.
 * Throws the signal's reason on abort, Fault `sandbox_failed` when the wrapping program could not start bash.
 */
export async function runBash(command: string, options: BashOptions): Promise<ExecResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await runOnce(command, options);
    } catch (error) {
      // A mount of the host (a container's, say) went away while bubblewrap copied them all: bash has not started.
      if (!(error instanceof Fault) || !/\bmount\b/.test(error.message) || tries === MOUNT_TRIES)
        throw error;
      await Bun.sleep(MOUNT_PAUSE_MS);
    }
  }
}

async function runOnce(command: string, options: BashOptions): Promise<ExecResult> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const nonce = Bun.randomUUIDv7();
  const child = spawnBash(command, options, nonce);
  const kill = () => {
    killGroup(child.pid);
    if (options.wrap.length === 0) killSession(child.pid);
  };
  let timed_out = false;
  const timer = setTimeout(() => {
    timed_out = true;
    kill();
  }, options.timeout_ms);
  const isStopped = () => timed_out || options.signal?.aborted === true;
  options.signal?.addEventListener("abort", kill, { once: true });
  try {
    await using _watch = options.watch?.(async () => kill());
    const stdout = new BoundedOutput(options.max_output_bytes ?? DEFAULT_OUTPUT_BYTES);
    const stderr = new BoundedOutput(MAX_ARGUMENT_BYTES);
    const readers = [collect(child.stdout, stdout), collect(child.stderr, stderr)];
    const exit_code = await child.exited;
    // What the command left running holds the pipe open: it goes with the command.
    const ended =
      options.wrap.length > 0 || isStopped() ? 0 : await endSession(child.pid, isStopped);
    kill();
    await endWithin(readers, AFTER_KILL_MS);
    options.signal?.throwIfAborted();
    if (!timed_out) refuseBrokenWrap(stderr);
    const { left_running = ended, ...output } = withoutCount(stdout.result(), nonce);
    return {
      exit_code,
      ...output,
      ...(left_running > 0 && !timed_out ? { left_running } : {}),
      timed_out,
      oom_killed: false,
      duration_ms: Math.round(performance.now() - started),
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
  }
}

/** The command's own words all go to standard output; standard error is the wrapping program's. */
function spawnBash(command: string, options: BashOptions, nonce: string) {
  return Bun.spawn([...options.wrap, "bash", ...bashArguments(command, options, nonce)], {
    cwd: options.cwd,
    env: options.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
}

function bashArguments(command: string, options: BashOptions, nonce: string): string[] {
  const { owns_processes = false, script_dir, folder = "", limits } = options;
  const enter = `${limits === undefined ? "" : limiting(limits)}${folder === "" ? "" : ENTER}`;
  const run = (bash: string) => (owns_processes ? counted(bash) : `exec ${bash}`);
  if (Buffer.byteLength(command) < MAX_ARGUMENT_BYTES)
    return ["-c", `${enter}${run('bash -c "$1" 2>&1')}`, "bash", command, folder, nonce];
  const name = `command-${Bun.randomUUIDv7()}.sh`;
  writeFileSync(join(script_dir, name), command, { flag: "wx" });
  chmodSync(join(script_dir, name), 0o644);
  const script = join(options.script_dir_inside ?? script_dir, name);
  return ["-c", `${enter}${run('bash "$1" 2>&1')}`, "bash", script, folder, nonce];
}

/** Of the shell that runs the command: a limit of the host's that is lower stays. Memory's addresses are never limited. */
function limiting({ pids, file_bytes }: ProcessLimits): string {
  const processes = pids === undefined ? "" : `ulimit -u ${pids}; `;
  return `{ ulimit -c 0; ${processes}ulimit -f ${Math.floor(file_bytes / 1024)}; } 2>/dev/null; `;
}

const LOOK_S = 0.05;
/**
 * Runs bash in a process table of its own, where all but process 1 and this shell is what the command left running. It is
 * counted while that can still be told, and ends with the table; the count stands behind the nonce in the output.
 */
const counted = (bash: string) => `exec 2>/dev/null
${bash}
status=$?
left() {
  local stat line children=
  count=0
  read -r children </proc/1/task/1/children && [ "$children" = "$$" ] && return 1
  for stat in /proc/[0-9]*/stat; do
    line= pid=\${stat#/proc/}
    case \${pid%/stat} in 1|"$$") continue ;; esac
    IFS= read -r -d '' line <"$stat"
    line=\${line##*) }
    case $line in ''|[ZX]*) ;; *) count=$((count + 1)) ;; esac
  done
  [ "$count" -gt 0 ]
}
for ((look = 0; look < ${GRACE_MS / 1000 / LOOK_S}; look++)); do
  left || break
  sleep ${LOOK_S}
done
left && printf '%s=%s;' "$3" "$count"
exit "$status"`;

type Printed = Pick<ExecResult, "output" | "dropped_bytes" | "left_running">;

function withoutCount({ output, dropped_bytes }: Printed, nonce: string): Printed {
  const bytes = Buffer.from(output);
  const at = bytes.lastIndexOf(`${nonce}=`);
  const end = at === -1 ? -1 : bytes.indexOf(";", at);
  if (end === -1) return { output, dropped_bytes };
  // What was left running may have written on for a moment.
  const printed = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end + 1)]);
  const left_running = Number(bytes.toString("latin1", at + nonce.length + 1, end));
  return { output: printed, dropped_bytes, left_running };
}

/** In the sandbox, with the command's own rights: a command before it may have put anything there. */
const ENTER =
  'cd -- "$2" 2>/dev/null || { mkdir -p -- "$2" && cd -- "$2"; } 2>&1 || exit 126; unset OLDPWD; ';

type Reading = { readonly done: Promise<void>; readonly cancel: () => Promise<void> };

function collect(stream: ReadableStream<Uint8Array>, into: BoundedOutput): Reading {
  const reader = stream.getReader();
  const readAll = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      into.add(part.value);
  };
  return { done: readAll(), cancel: () => reader.cancel() };
}

/** Waits for the ends of the streams, but no longer: a pipe or timer left open would keep the program alive. */
async function endWithin(readings: readonly Reading[], wait_ms: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, wait_ms);
  await Promise.race([Promise.all(readings.map(({ done }) => done)), over.promise]);
  clearTimeout(timer);
  await Promise.all(readings.map(({ cancel }) => cancel()));
}

/** A sandbox that did not start is the laboratory's failure, never the command's exit status. */
function refuseBrokenWrap(stderr: BoundedOutput): void {
  const words = Buffer.from(stderr.result().output).toString("utf8");
  const complaint = words.split("\n").find((line) => /^(bwrap|nsenter): /.test(line));
  if (complaint === undefined) return;
  throw new Fault("sandbox_failed", `the command could not be isolated: ${complaint}`, {
    hint: "try bubblewrap by hand (bwrap --ro-bind / / --unshare-pid --proc /proc true), or use another backend",
  });
}
