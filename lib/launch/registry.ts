// Owns the registry of launchers: the name of each, the settings it takes, and the file that it is loaded from when it is asked for.
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { KUBERNETES_OPTIONS } from "./kubernetes/options.ts";
import type { Launcher } from "./launcher.ts";
import type { LaunchOptions, OptionValues } from "./options.ts";
import { SLURM_OPTIONS } from "./slurm/options.ts";
import { SSH_OPTIONS } from "./ssh/options.ts";

export const LAUNCHERS = {
  slurm: {
    means: "an array job of a Slurm cluster",
    options: SLURM_OPTIONS,
    load: async () => (await import("./slurm/launcher.ts")).slurm,
  },
  ssh: {
    means: "processes on hosts that ssh reaches",
    options: SSH_OPTIONS,
    load: async () => (await import("./ssh/launcher.ts")).ssh,
  },
  kubernetes: {
    means: "a Job of a Kubernetes cluster",
    options: KUBERNETES_OPTIONS,
    load: async () => (await import("./kubernetes/launcher.ts")).kubernetes,
  },
} as const satisfies Readonly<Record<string, LauncherRow>>;

/** A row: what it starts workers as, its settings by name, and its object. */
export type LauncherRow = {
  readonly means: string;
  readonly options: LaunchOptions;
  readonly load: () => Promise<Launcher<never>>;
};
export type LauncherName = keyof typeof LAUNCHERS;
export const LAUNCHER_NAMES = Object.keys(LAUNCHERS) as LauncherName[];

/** The options of all launchers; each takes its own, and the flags refuse those of others. */
export type AllOptions = OptionValues<typeof SLURM_OPTIONS> &
  OptionValues<typeof SSH_OPTIONS> &
  OptionValues<typeof KUBERNETES_OPTIONS>;

/** The name when it is a launcher's. Throws UsageError naming the nearest. */
export function launcherName(name: string): LauncherName {
  const found = LAUNCHER_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("launcher", name, LAUNCHER_NAMES));
}

export async function loadLauncher(name: LauncherName): Promise<Launcher<AllOptions>> {
  return await LAUNCHERS[name].load();
}
