// Owns what a launcher is to the rest of the program: one object that starts workers where it knows how, looks after them and ends them.
import type { Fault } from "../core/fault.ts";

/** Which workers there are to be. Nothing in here is secret: it stands in scripts and manifests. */
export type Crew = {
  /** The queue that they take units from: one per study. */
  readonly queue: string;
  /** How many there are to be overall; undefined: as many as the launcher finds natural. */
  readonly workers: number | undefined;
  /** What each of them is called with behind `tandem worker`, but for its name. */
  readonly flags: readonly string[];
  /** How Tandem is called where they run; undefined: as the launcher expects it there. */
  readonly tandem: readonly string[] | undefined;
  /** Their working folder; undefined: the launcher's usual one. */
  readonly folder: string | undefined;
  /** The variables that they read keys and passwords from, by name. */
  readonly secrets: readonly Secret[];
};

export type Secret = {
  readonly name: string;
  /** Without it nothing works; others are handed on where they are. */
  readonly needed: boolean;
};

/** What a launcher tells of a worker, of an array of them, or of a host. */
export type Told = Readonly<Record<string, string | number | undefined>> & {
  readonly state: string;
};
/** `faults` are what kept parts of it from being done; the other parts are. */
export type Outcome = {
  readonly told: readonly Told[];
  readonly faults: readonly Fault[];
  readonly text?: string;
};

/** A launcher under a name of the registry; `Options` are the values of its settings, where they are said. */
export type Launcher<Options> = {
  readonly name: string;
  /** What is handed over to start them, to be read. Throws UsageError for what it cannot honour. */
  render(crew: Crew, options: Options): string;
  /** Starts as many as are missing. Throws UsageError as `render`, and Fault `launch_failed`. */
  submit(crew: Crew, options: Options, signal: AbortSignal): Promise<Outcome>;
  /** Ends the queue's workers: each gives back what it has in hand. Throws Fault `launch_failed`. */
  stop(crew: Crew, options: Options, signal: AbortSignal): Promise<Outcome>;
  /** What has become of them. Throws Fault `launch_failed`. */
  status(crew: Crew, options: Options, signal: AbortSignal): Promise<Outcome>;
};
