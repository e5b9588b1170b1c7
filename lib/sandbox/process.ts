// Owns running one host process to its end: merged output, a cap, a deadline, and no process left behind.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BoundedOutput } from "./output.ts";
import type { ExecOptions, ExecResult } from "./sandbox.ts";

const DEFAULT_OUTPUT_BYTES = 10 * 1024 * 1024;
/** Longest text that is safe as one argument (the kernel's limit is 128 KiB). */
const MAX_ARGUMENT_BYTES = 100_000;
const AFTER_KILL_MS = 2_000;

export type BashOptions = ExecOptions & {
  /** Program and arguments before `bash`, such as bubblewrap's. */
  readonly wrap: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Folder for a script file when the command is too long for an argument. */
  readonly script_dir: string;
};

/** Runs a bash command in its own process group, which is killed whole at the deadline, on abort and at the end. */
export async function runBash(command: string, options: BashOptions): Promise<ExecResult> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const child = Bun.spawn(
    [...options.wrap, "bash", ...bashArguments(command, options.script_dir)],
    {
      cwd: options.cwd,
      env: options.env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      detached: true,
    },
  );
  let timed_out = false;
  const kill = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    timed_out = true;
    kill();
  }, options.timeout_ms);
  options.signal?.addEventListener("abort", kill, { once: true });
  try {
    const collected = new BoundedOutput(options.max_output_bytes ?? DEFAULT_OUTPUT_BYTES);
    const reading = collect(child.stdout, collected);
    const exit_code = await child.exited;
    // What the command left running holds the pipe open: it goes with the command.
    kill();
    await Promise.race([reading, Bun.sleep(AFTER_KILL_MS)]);
    options.signal?.throwIfAborted();
    return {
      exit_code,
      ...collected.result(),
      timed_out,
      duration_ms: Math.round(performance.now() - started),
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
  }
}

function bashArguments(command: string, scriptDir: string): string[] {
  if (Buffer.byteLength(command) < MAX_ARGUMENT_BYTES)
    return ["-c", 'exec bash -c "$1" 2>&1', "bash", command];
  const script = join(scriptDir, `command-${Bun.randomUUIDv7()}.sh`);
  writeFileSync(script, command);
  return ["-c", 'exec bash "$1" 2>&1', "bash", script];
}

async function collect(stream: ReadableStream<Uint8Array>, into: BoundedOutput): Promise<void> {
  for await (const chunk of stream) into.add(chunk);
}

/** Kills a process group; one that is gone already is what we want. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
