// Owns the flags of `launch`.
import { WORK_ARGS } from "../args.ts";
import { ARTIFACTS_ARG, QUEUE_ARG } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { LAUNCHER_ARGS } from "../launch-options.ts";
import { COMMON_ARGS } from "../step.ts";

const { json, quiet, debug } = COMMON_ARGS;

export const LAUNCH_FLAGS = {
  workers: {
    type: "string",
    description: "how many workers there are to be: as many as are missing are started",
    otherwise: "1; ssh: one per host",
    valueHint: "n",
  },
  concurrency: {
    type: "string",
    alias: "c",
    description: "units that each worker does at a time",
    otherwise: "as `worker`",
    valueHint: "n",
  },
  redis: {
    type: "string",
    description:
      "address of the Redis server that has the queue, as workers reach it, without its password",
    valueHint: "url",
  },
  ...QUEUE_ARG,
  ...ARTIFACTS_ARG,
  set: {
    type: "string",
    description: "override a value of the study, such as name=trial; repeatable",
    valueHint: "a.b=c",
  },
  variables: {
    type: "string",
    description:
      "further variables that workers need, after commas, besides the keys of the study's models",
    otherwise: "none",
    valueHint: "names",
  },
  tandem: {
    type: "string",
    description: "how Tandem is called where the workers run",
    otherwise: "slurm: this installation; else tandem",
    valueHint: "command",
  },
  dir: {
    type: "string",
    description: "folder that the workers work in",
    otherwise: "slurm: this one; ssh: tandem in the user's home; kubernetes: /work",
    valueHint: "folder",
  },
  "dry-run": { ...WORK_ARGS["dry-run"], description: "print what would be submitted" },
  stop: {
    type: "boolean",
    description: "end the study's workers: each gives back what it has in hand",
  },
  status: { type: "boolean", description: "print what has become of the study's workers" },
  ...LAUNCHER_ARGS,
  ...{ json, quiet, debug },
} as const satisfies FlagsDef;
