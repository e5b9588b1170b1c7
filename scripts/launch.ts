// Owns the door `launch`.
import { LAUNCH_FLAGS } from "../lib/cli/flags/launch.ts";
import { defineCommand, main } from "../lib/cli/step.ts";
import { LAUNCHER_NAMES } from "../lib/launch/registry.ts";

export const launch = defineCommand({
  name: "launch",
  summary: "Start workers on a cluster, and end them",
  about:
    "Start workers for a study on a Slurm cluster, on hosts by ssh or on Kubernetes; end them; show them",
  words: {
    usage: "LAUNCHER STUDY",
    meaning: `${LAUNCHER_NAMES.join(", ")}; then the file of the study whose queue they take units from`,
    complete: LAUNCHER_NAMES,
  },
  fails: "some workers could not be started, ended or looked at, and the others are",
  examples: {
    "tandem launch slurm study.toml --workers 40 --redis redis://head:6379 --dry-run":
      "See the script of an array job of forty workers",
    "tandem launch ssh study.toml --hosts a,b --redis redis://head:6379":
      "Start a worker on each of two hosts",
    "tandem launch ssh study.toml --hosts a,b --stop": "End them",
  },
  args: LAUNCH_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/launch.ts")).run(call),
});

if (import.meta.main) await main(launch);
