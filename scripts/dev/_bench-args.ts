// Owns the flags of the benchmarks.
import { FILTER_ARGS, PLACE_ARGS } from "../../lib/cli/args.ts";
import { SANDBOX_ARGS } from "../../lib/cli/sandbox.ts";
import { COMMON_ARGS, type CommandContext } from "../../lib/cli/step.ts";

const { registry, "image-template": imageTemplate } = SANDBOX_ARGS;

export const BENCH_ARGS = {
  repeat: {
    type: "string",
    description:
      "repetitions of each way (exec: commands, port: calls); default 20, eval 3, port 200",
    valueHint: "n",
  },
  repo: {
    ...FILTER_ARGS.repo,
    description: "exec, eval: task whose image is used",
    default: "demo_task",
  },
  task: {
    ...FILTER_ARGS.task,
    description: "exec, eval: task whose image is used (default: the repository's first)",
  },
  limit: {
    ...FILTER_ARGS.limit,
    description:
      "eval: at most this many pairs of the task; agents: attempts at once (default: 200); port: streams at once (default: 400); site: pairs (default: 652)",
  },
  concurrency: {
    type: "string",
    alias: "c",
    description: "eval: suites at a time, in both ways (default: the machine's CPUs)",
    valueHint: "n",
  },
  registry,
  "image-template": imageTemplate,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const;

export type BenchContext = CommandContext<typeof BENCH_ARGS>;
