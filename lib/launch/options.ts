// Owns the shape of launchers' settings, and those that several launchers take.
import type { Value } from "../config/kinds.ts";
import type { Setting } from "../config/setting.ts";

/** One row; its name in a launcher's table is the library's, with its unit. */
export type LaunchOption = Omit<Setting, "section"> & { readonly flag: string };
export type LaunchOptions = Readonly<Record<string, LaunchOption>>;
/** The library's values of a launcher's settings; what is not given is undefined. */
export type OptionValues<Table extends LaunchOptions> = {
  readonly [Name in keyof Table]?: Value<Table[Name]["kind"]> | undefined;
};

/** What one worker gets of a machine that others use too. */
export const RESOURCES = {
  cpus: {
    kind: { is: "whole", min: 1 },
    flag: "cpus",
    help: "CPUs of a worker",
    otherwise: "as the cluster gives them",
  },
  memory_mib: {
    kind: { is: "whole", min: 64 },
    unit: "MiB",
    flag: "memory",
    help: "memory of a worker",
    otherwise: "as the cluster gives it",
  },
} as const satisfies LaunchOptions;

/** How long a worker that is told to end may finish what it has in hand. */
export const GRACE = {
  grace_ms: {
    kind: { is: "seconds" },
    unit: "seconds",
    flag: "grace",
    default: 120,
    help: "how long a worker that is told to end may finish what it has in hand",
  },
} as const satisfies LaunchOptions;

/** A file of `NAME=value` lines where the workers run. Node takes `--env-file` for itself, wherever it stands. */
export const KEYS_FILE = {
  keys_file: {
    kind: { is: "text" },
    flag: "keys-file",
    hint: "file",
    help: "file on the workers' machines, with a line NAME=value for each key",
    otherwise: "none; .env in the working folder is read as ever",
  },
} as const satisfies LaunchOptions;
