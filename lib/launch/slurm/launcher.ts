// Owns the launcher for Slurm: an array job per call, found again by its name.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import type { Crew, Launcher, Outcome, Told } from "../launcher.ts";
import { printed } from "../program.ts";
import { jobName, type SlurmOptions, slurmScript } from "./script.ts";

const TIMEOUT_MS = 60_000;
/** These are over, or nearly so. */
const ENDING = ["COMPLETING", "COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "PREEMPTED"];

export const slurm: Launcher<SlurmOptions> = {
  name: "slurm",
  render: (crew, options) => slurmScript(crew, options, crew.workers ?? 1).text,
  async submit(crew, options, signal) {
    const { workers = 1 } = crew;
    refuseUnset(crew, options);
    // What no script can hold is refused before anybody is asked.
    this.render(crew, options);
    const there = (await tasksOf(crew, signal)).filter(({ state }) => !ENDING.includes(state));
    const missing = workers - there.length;
    if (missing <= 0) return done({ job: jobs(there), state: "there already", workers });
    const { text, folder, logs } = slurmScript(crew, options, missing);
    mkdirSync(join(folder, logs), { recursive: true });
    const said = await call(["sbatch", "--parsable", `--chdir=${folder}`], signal, text);
    const [job = ""] = said.trim().split(";");
    return done({ job, state: "submitted", workers: missing, logs: join(folder, logs) });
  },
  async stop(crew, _options, signal) {
    const tasks = (await tasksOf(crew, signal)).filter(({ state }) => !ENDING.includes(state));
    if (tasks.length === 0) return { told: [], faults: [] };
    await call(["scancel", ...jobs(tasks).split(" ")], signal);
    return done({ job: jobs(tasks), state: "told to end", workers: tasks.length });
  },
  async status(crew, _options, signal) {
    const tasks = await tasksOf(crew, signal);
    const told = tasks.map(({ state, ...task }) => ({ ...task, state: state.toLowerCase() }));
    return { told, faults: [] };
  },
};

const done = (...told: readonly Told[]): Outcome => ({ told, faults: [] });

type Task = { readonly worker: string; readonly state: string; node?: string; note?: string };

/** Those of the caller that Slurm still knows, one row per worker. */
async function tasksOf(crew: Crew, signal: AbortSignal): Promise<Task[]> {
  const asked = ["--me", "--array", "--noheader", `--name=${jobName(crew)}`];
  const lines = await call(["squeue", ...asked, "--format=%i|%T|%N|%r"], signal);
  return lines.split("\n").flatMap((line) => {
    const [worker = "", state = "", node = "", note = ""] = line.trim().split("|");
    if (state === "") return [];
    const why = note === "None" ? "" : note;
    return { worker, state, ...(node && { node }), ...(why && { note: why }) };
  });
}

function jobs(tasks: readonly Task[]): string {
  return [...new Set(tasks.map(({ worker }) => worker.split("_", 1)[0] ?? ""))].join(" ");
}

async function call(command: readonly string[], signal: AbortSignal, input = ""): Promise<string> {
  return await printed(command, { input, signal, timeout_ms: TIMEOUT_MS });
}

/** Slurm hands on what is there, and says nothing of what is not. */
function refuseUnset({ secrets }: Crew, { keys_file }: SlurmOptions): void {
  const unset = secrets.find(({ name, needed }) => needed && !process.env[name]);
  if (unset === undefined || keys_file !== undefined) return;
  throw new UsageError(
    `${unset.name} is not set here, from where Slurm hands it on: set it, or name a file of the nodes with --keys-file`,
  );
}
