// Owns the flags of `check-dataset`.
import { FILTER_ARGS, PLACE_ARGS } from "../args.ts";
import { ENGINE_ARGS, REDIS_ARG } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS, SUITE_ARGS } from "../sandbox.ts";
import { COMMON_ARGS } from "../step.ts";

export const CHECK_DATASET_FLAGS = {
  repo: FILTER_ARGS.repo,
  task: FILTER_ARGS.task,
  edition: FILTER_ARGS.edition,
  repeat: {
    type: "string",
    description: "runs of each suite; one whose outcomes differ is flaky",
    valueHint: "n",
    default: "1",
  },
  suites: { ...SUITE_ARGS.suites, alias: "c" },
  timeout: SUITE_ARGS.timeout,
  force: { type: "boolean", description: "test again what already has a result" },
  ...SANDBOX_ARGS,
  ...PLACE_ARGS,
  ...REDIS_ARG,
  ...ENGINE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
