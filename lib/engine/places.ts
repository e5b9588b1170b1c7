// Owns what every stage of an experiment is told: where things are, what runs sandboxes, when to stop.
import { dirname, join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { removeFolder } from "../core/files.ts";
import { findLeftFolders } from "../core/left-folders.ts";
import {
  type BackendName,
  type BackendOptions,
  DEFAULT_BACKEND,
  openBackend,
} from "../sandbox/registry.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { openWork, type Work } from "../work/work.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { Place } from "./place.ts";
import { NO_RETRIES, type Retries } from "./retries.ts";

/** Folders are created when they are needed; the defaults are `logs` and `dataset` in the working folder. */
export type Places = {
  readonly ledger: Ledger;
  readonly log_dir?: string | undefined;
  readonly dataset_dir?: string | undefined;
};
export type StepOptions = Places & {
  /** Redo finished units. */
  readonly force?: boolean | undefined;
  /** Units at a time. */
  readonly concurrency?: number | undefined;
  /** The concurrency was named for this call: it counts more than what people asked of the run before. */
  readonly explicit_concurrency?: boolean | undefined;
  /** Called with a line about what people asked of the work, and the call now obeys. */
  readonly on_control?: ((line: string) => void) | undefined;
  /** Stops everything. */
  readonly signal?: AbortSignal | undefined;
  /** Stops only the start of units: those under way are finished. */
  readonly drain?: AbortSignal | undefined;
  /** Retries of a unit that met a transient fault; none when absent. */
  readonly retries?: Retries | undefined;
  /** This process's part in the ledger's work, when the caller has joined it already. */
  readonly work?: Work | undefined;
  /** Where units are worked on; this process when absent. */
  readonly place?: Place | undefined;
};

export type SandboxOptions = {
  /** The default of the settings when absent. */
  readonly backend?: BackendName | undefined;
  /** local: commands of a model run without bubblewrap. */
  readonly unsafe_local?: boolean | undefined;
  /** The backend's own, where they differ from the defaults: images, limits, network. */
  readonly backend_options?: BackendOptions | undefined;
  /** Told what people should know while sandboxes are used. */
  readonly say?: ((message: string) => void) | undefined;
};

export const NEVER = new AbortController().signal;
/** A moment after every result: with --force everything must be done. */
export const NOTHING_COUNTS = "9999";

/** The places with nothing left open. */
export function placesOf({ ledger, log_dir = "logs", dataset_dir = "dataset" }: Places) {
  return { ledger, log_dir, dataset_dir };
}

/** The engine of a call: its part in the ledger's work, joined unless the caller has, and what stops it. */
export function joinEngine(options: StepOptions, command: string): Engine & Disposable {
  const { ledger, retries = NO_RETRIES, signal = NEVER, drain, place } = options;
  const joined = joinWork(options, command);
  const engine = openEngine({ ledger, work: joined.work, retries, signal, drain, place });
  return { ...engine, [Symbol.dispose]: () => joined[Symbol.dispose]() };
}

/** The ledger's work: joined for this call, unless the caller has; then what killed calls left here is removed before and after. */
export function joinWork(
  {
    ledger,
    work,
    log_dir,
    on_control,
  }: Pick<StepOptions, "ledger" | "work" | "log_dir" | "on_control">,
  command: string,
): Disposable & { readonly work: Work } {
  if (work !== undefined) return { work, [Symbol.dispose]: () => undefined };
  const sweep = () => log_dir !== undefined && removeScratchOfGone(log_dir);
  sweep();
  const own = openWork({ ledger, command, on_control });
  return {
    work: own,
    [Symbol.dispose]() {
      own[Symbol.dispose]();
      sweep();
    },
  };
}

/** Whoever makes the next scratch folder in a place also removes those; a call that finds its work done makes none. */
function removeScratchOfGone(log_dir: string): void {
  for (const { id } of findLeftFolders([log_dir, join(log_dir, ".cache")])) removeFolder(id);
}

/** The backend; isolated local commands see neither dataset, logs and ledger nor this project. */
export async function sandboxesOf(places: Places, options: SandboxOptions = {}): Promise<Backend> {
  const { ledger, log_dir, dataset_dir } = placesOf(places);
  const project = join(import.meta.dir, "../..");
  const ledgerFolder = ledger.path === ":memory:" ? [] : [dirname(ledger.path)];
  return await openBackend({
    name: options.backend ?? DEFAULT_BACKEND,
    log_dir,
    hidden: [dataset_dir, log_dir, ...ledgerFolder, project],
    unsafe_local: options.unsafe_local === true,
    options: options.backend_options ?? {},
    say: options.say,
  });
}
