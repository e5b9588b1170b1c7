// Owns a Slurm cluster of one node for tests: munged, slurmctld and slurmd with their own configuration, keys, ports and folders.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { temporaryFolder, WIDE_PATH } from "../../core/testing.ts";
import { freePort } from "../../team/own-server.ts";

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"];

/** Programs of Slurm and munge that are not here. */
export function missingPrograms(): string[] {
  return PROGRAMS.filter((name) => programAt(name) === null);
}

function programAt(name: string): string | null {
  return Bun.which(name, { PATH: WIDE_PATH });
}

export type Cluster = AsyncDisposable & {
  /** For whoever calls Slurm's programs. */
  readonly env: Readonly<Record<string, string>>;
  readonly path: string;
  /** What one of Slurm's programs prints. */
  call(...command: readonly string[]): string;
};

/** A cluster whose node takes jobs. Throws when it does not come up. */
export async function slurmCluster({ cpus = 2, kill_wait_s = 5 } = {}): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder("tandem-slurm"));
  const at = (...parts: string[]) => join(folder.path, ...parts);
  for (const name of ["munge", "state", "spool"]) mkdirSync(at(name));
  // Slurm's own user reads the key, and every user's programs reach the socket.
  chmodSync(folder.path, 0o755);
  chmodSync(at("munge"), 0o755);
  writeFileSync(at("munge/key"), crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o400 });
  const ports = { ctld: await freePort(), d: await freePort() };
  writeFileSync(at("slurm.conf"), config(folder.path, { ...ports, cpus, kill_wait_s }));
  const env = { SLURM_CONF: at("slurm.conf") };
  const start = (name: string, ...args: readonly string[]) =>
    stack.use(daemon([programAt(name) ?? name, ...args], { env, log: at(`${name}.out`) }));
  start(
    ...[
      "munged",
      "--foreground",
      `--key-file=${at("munge/key")}`,
      `--socket=${at("munge/socket")}`,
    ],
    ...[
      `--pid-file=${at("munge/pid")}`,
      `--log-file=${at("munge/log")}`,
      `--seed-file=${at("munge/seed")}`,
    ],
  );
  start("slurmctld", "-D", "-f", at("slurm.conf"));
  start("slurmd", "-D", "-f", at("slurm.conf"), "-N", "node");
  const call = (...command: readonly string[]) => {
    const done = Bun.spawnSync([...command], { env: { ...process.env, ...env } });
    if (!done.success) throw new Error(`${command.join(" ")}: ${done.stderr}`);
    return done.stdout.toString();
  };
  await untilIdle(call);
  const held = stack.move();
  return { env, path: folder.path, call, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

type Settings = { ctld: number; d: number; cpus: number; kill_wait_s: number };

function config(folder: string, { ctld, d, cpus, kill_wait_s }: Settings): string {
  return `ClusterName=tandem
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${ctld}
SlurmdPort=${d}
SlurmUser=${process.getuid?.()}
SlurmdUser=${process.getuid?.()}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0,default_queue_depth=100
KillWait=${kill_wait_s}
MinJobAge=600
ReturnToService=2
NodeName=node NodeHostname=${hostname()} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

type Daemon = { readonly env: Record<string, string>; readonly log: string };

/** A program in the foreground, ended by its own pid. */
function daemon(command: readonly string[], { env, log }: Daemon): AsyncDisposable {
  const child = Bun.spawn([...command], {
    ...{ stdin: "ignore", stdout: Bun.file(log), stderr: Bun.file(log) },
    env: { ...process.env, ...env },
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await child.exited;
      clearTimeout(late);
    },
  };
}

async function untilIdle(call: Cluster["call"]): Promise<void> {
  for (let tries = 0; ; tries++) {
    const said = attempt(() => call("sinfo", "--noheader", "--format=%T"));
    if (said.trim() === "idle") return;
    if (tries > 150) throw new Error(`the test's Slurm does not come up: ${said}`);
    await Bun.sleep(200);
  }
}

function attempt(act: () => string): string {
  try {
    return act();
  } catch (error) {
    return String(error);
  }
}
