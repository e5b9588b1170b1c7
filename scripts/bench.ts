// Owns the benchmarks: ratios taken in one run against the plain way of doing the same.
import { UsageError } from "../lib/fault.ts";
import { unknownName } from "../lib/nearest.ts";
import { FILTER_ARGS, PLACE_ARGS, SANDBOX_ARGS, wholeNumber } from "./_args.ts";
import type { Row } from "./_output.ts";
import { COMMON_ARGS, defineStep, main, type StepContext } from "./_step.ts";

const SUBJECTS = ["merge", "exec"] as const;
const { registry, "image-template": imageTemplate } = SANDBOX_ARGS;

const args = {
  repeat: {
    type: "string",
    description: "merge: times each way is taken; exec: commands each way",
    valueHint: "n",
    default: "20",
  },
  repo: {
    ...FILTER_ARGS.repo,
    description: "exec: task whose image is used",
    default: "demo_task",
  },
  task: { ...FILTER_ARGS.task, description: "exec: task whose image is used", default: "1" },
  registry,
  "image-template": imageTemplate,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const;

export const bench = defineStep({
  name: "bench",
  summary: "Time a part of Tandem against the plain way, in one run, as ratios",
  words: `One subject: ${SUBJECTS.join(" or ")} (merge when none is given).`,
  args,
  async run(context) {
    const [subject = "merge", ...others] = context.words;
    if (others.length > 0) throw new UsageError("one subject at a time");
    if (subject !== "merge" && subject !== "exec")
      throw new UsageError(unknownName("subject", subject, SUBJECTS));
    const rows = subject === "merge" ? await mergeRows(context) : await execRows(context);
    for (const row of rows) context.out.emit(row);
    return 0;
  },
});

type Context = StepContext<typeof args>;

/** All gold pairs of the demo task, in plumbing against a checkout a pair. */
async function mergeRows({ args, signal, ledger: open }: Context): Promise<Row[]> {
  const { benchMerge } = await import("../lib/merge/bench.ts");
  const { indexDemo } = await import("./_select.ts");
  const ledger = await open();
  indexDemo(ledger);
  return await benchMerge({ ledger, repeat: wholeNumber("--repeat", args.repeat, 1) ?? 1, signal });
}

/** Commands in containers of a task's image, in the attached bash against a `docker exec` process each. */
async function execRows({ args, signal, ledger: open }: Context): Promise<Row[]> {
  const { benchExec } = await import("../lib/sandbox/docker/bench.ts");
  const { DOCKER_DEFAULTS, dockerBackend } = await import("../lib/sandbox/docker/docker.ts");
  const { dockerFlags } = await import("./_sandbox.ts");
  const { selectTasks } = await import("./_select.ts");
  const { resolve } = await import("node:path");
  const [found] = selectTasks(await open(), args);
  if (!found) throw new UsageError("no task to take an image from");
  const cache_dir = resolve(args["log-dir"], ".cache");
  const named = await dockerFlags({ backend: "docker", ...args });
  const backend = dockerBackend({ ...DOCKER_DEFAULTS, ...named, cache_dir });
  const commands = wholeNumber("--repeat", args.repeat, 4) ?? 4;
  return await benchExec({ backend, task: found.task, commands, signal });
}

if (import.meta.main) await main(bench);
