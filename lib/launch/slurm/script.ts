// Owns the batch script of Slurm's launcher: an array job whose tasks are `tandem worker`.
import { resolve } from "node:path";
import { UsageError } from "../../core/fault.ts";
import type { Crew } from "../launcher.ts";
import type { OptionValues } from "../options.ts";
import { commandLine, quoted } from "../shell.ts";
import { GRACE_S, inFolder, ownTandem } from "../worker.ts";
import type { SLURM_OPTIONS } from "./options.ts";

export type SlurmOptions = OptionValues<typeof SLURM_OPTIONS>;
/** `logs` is a folder below `folder`, the working folder, which is absolute. */
export type Script = { readonly text: string; readonly folder: string; readonly logs: string };

/** Of the caller's variables, the jobs get these and the secrets, by name: Slurm takes the values along itself. */
const PLAIN = ["HOME", "PATH", "LANG", "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];
/** A requeued task is a new worker, with a name of its own. */
const NAME = `"slurm-\${SLURM_ARRAY_JOB_ID}-\${SLURM_ARRAY_TASK_ID}\${SLURM_RESTART_COUNT:+-$SLURM_RESTART_COUNT}"`;

/** The jobs of a queue are found again by their name. */
export const jobName = ({ queue }: Pick<Crew, "queue">) => `tandem-${queue}`;

/** The script for so many workers. Throws UsageError for what a line of Slurm's cannot hold. */
export function slurmScript(crew: Crew, options: SlurmOptions, workers: number): Script {
  const folder = resolve(crew.folder ?? ".");
  if (folder.includes("%"))
    throw new UsageError(`Slurm cannot write below ${folder}: % means something to it; use --dir`);
  const logs = `logs/.workers/${crew.queue}`;
  const { cpus, memory_mib, keys_file, grace_ms } = options;
  const tandem = crew.tandem ?? ownTandem();
  const settings = {
    "job-name": jobName(crew),
    array: `0-${workers - 1}`,
    "cpus-per-task": cpus,
    mem: memory_mib === undefined ? undefined : `${memory_mib}M`,
    time: word("--time", options.time),
    partition: word("--partition", options.partition),
    output: `${logs}/%A_%a.log`,
    export: exported(crew, keys_file),
    signal: `B:INT@${Math.ceil((grace_ms ?? GRACE_S * 1000) / 1000)}`,
  };
  const lines = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}=${value}`],
  );
  const more = inLine("--sbatch", options.sbatch);
  const text = [
    "#!/bin/sh",
    ...lines,
    "#SBATCH --requeue --open-mode=append",
    ...(more === undefined ? [] : [`#SBATCH ${more}`]),
    ...inFolder(quoted(folder), keys_file),
    "# In place of this shell: SIGINT before the time limit lets it finish, SIGTERM of scancel has it give back what it does.",
    `exec ${commandLine([...tandem, "worker", ...crew.flags])} --name ${NAME}`,
  ];
  return { text: `${text.join("\n")}\n`, folder, logs };
}

function exported({ secrets }: Crew, keys_file: string | undefined): string {
  return [...PLAIN, ...(keys_file === undefined ? secrets.map(({ name }) => name) : [])].join(",");
}

function word(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[\w.,:@+-]+$/.test(value)) return value;
  throw new UsageError(`${flag}: ${JSON.stringify(value)} is not a word that Slurm takes`);
}

function inLine<Text extends string | undefined>(flag: string, value: Text): Text {
  if (value !== undefined && /[\n\r]|[^"]"./.test(value))
    throw new UsageError(`${flag}: a line of Slurm's cannot hold ${JSON.stringify(value)}`);
  return value;
}
