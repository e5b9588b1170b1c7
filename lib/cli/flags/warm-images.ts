// Owns the flags of `warm-images`.
import { FILTER_ARGS, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS, SUITE_ARGS } from "../sandbox.ts";
import { COMMON_ARGS } from "../step.ts";

export const WARM_IMAGES_FLAGS = {
  repo: FILTER_ARGS.repo,
  task: FILTER_ARGS.task,
  edition: FILTER_ARGS.edition,
  limit: FILTER_ARGS.limit,
  "to-template": {
    type: "string",
    description: "names of the warm images, with {repo} and {task}",
    valueHint: "template",
    default: "tandem-warm/cooperbench-{repo}:task{task}",
  },
  suites: { ...SUITE_ARGS.suites, alias: "c" },
  timeout: SUITE_ARGS.timeout,
  ...WORK_ARGS,
  registry: SANDBOX_ARGS.registry,
  "image-template": SANDBOX_ARGS["image-template"],
  build: SANDBOX_ARGS.build,
  memory: SANDBOX_ARGS.memory,
  cpus: SANDBOX_ARGS.cpus,
  pids: SANDBOX_ARGS.pids,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
