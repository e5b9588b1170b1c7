// Owns the settings of the launcher for Slurm.
import { GRACE, KEYS_FILE, type LaunchOptions, RESOURCES } from "../options.ts";

export const SLURM_OPTIONS = {
  ...RESOURCES,
  time: {
    kind: { is: "text" },
    flag: "time",
    hint: "time",
    help: "time limit of a worker, as Slurm writes it (8:00:00)",
    otherwise: "the partition's",
  },
  partition: {
    kind: { is: "text" },
    flag: "partition",
    hint: "name",
    help: "partition of the workers",
    otherwise: "the cluster's",
  },
  sbatch: {
    kind: { is: "text" },
    flag: "sbatch",
    hint: "options",
    help: "further options of sbatch, such as --sbatch='--account=lab --qos=low'",
  },
  ...GRACE,
  ...KEYS_FILE,
} as const satisfies LaunchOptions;
