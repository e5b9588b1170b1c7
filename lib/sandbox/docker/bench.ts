// Owns timing commands in containers: the attached bash against a `docker exec` process a command.
import type { TaskFiles } from "../sandbox.ts";
import type { DockerBackend } from "./docker.ts";
import type { DockerSandbox } from "./sandbox.ts";

const COMMAND_TIMEOUT_MS = 60_000;
const AGENTS = 8;

export type ExecBenchOptions = {
  readonly backend: DockerBackend;
  readonly task: TaskFiles;
  /** Commands each way, one after the other; a quarter of it an agent when eight run at once. */
  readonly commands: number;
  readonly signal: AbortSignal;
};

/** Rows with milliseconds a command, and commands a second with eight agents; ratios are plain / tandem and tandem / plain. */
export async function benchExec({ backend, task, commands, signal }: ExecBenchOptions) {
  await using resources = new AsyncDisposableStack();
  const open = async (label: string) =>
    resources.use(await backend.open({ task, label, purpose: "suite", signal }));
  const sandboxes = await Promise.all(
    Array.from({ length: AGENTS }, (_, index) => open(`bench/${index}`)),
  );
  const [one] = sandboxes;
  if (!one) throw new RangeError("there is at least one agent");
  await attached(one, 10);
  const alone = {
    tandem: await timed(() => attached(one, commands)),
    plain: await timed(() => processes(one, commands)),
  };
  const share = Math.ceil(commands / 4);
  const together = {
    tandem: await timed(() => Promise.all(sandboxes.map((sandbox) => attached(sandbox, share)))),
    plain: await timed(() => Promise.all(sandboxes.map((sandbox) => processes(sandbox, share)))),
  };
  const total = share * AGENTS;
  return [
    {
      bench: "exec, one agent",
      commands,
      tandem_ms_per_command: alone.tandem / commands,
      plain_ms_per_command: alone.plain / commands,
      ratio: alone.plain / alone.tandem,
    },
    {
      bench: `exec, ${AGENTS} agents at once`,
      commands: total,
      tandem_commands_per_s: (1000 * total) / together.tandem,
      plain_commands_per_s: (1000 * total) / together.plain,
      ratio: together.plain / together.tandem,
    },
  ];
}

async function attached(sandbox: DockerSandbox, times: number): Promise<void> {
  for (let index = 0; index < times; index++)
    await sandbox.exec("echo hello", { timeout_ms: COMMAND_TIMEOUT_MS });
}

/** The plain way: the engine's own client, a process a command. */
async function processes(sandbox: DockerSandbox, times: number): Promise<void> {
  for (let index = 0; index < times; index++)
    await Bun.spawn(["docker", "exec", sandbox.container_id, "bash", "-c", "echo hello"], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    }).exited;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
