// Owns the benchmarks: ratios taken in one run against the plain way of doing the same.

import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { sandboxOptions } from "../../lib/cli/sandbox.ts";
import { defineCommand, main } from "../../lib/cli/step.ts";
import { UsageError } from "../../lib/core/fault.ts";
import { unknownName } from "../../lib/core/nearest.ts";
import { BENCH_ARGS, type BenchContext } from "./_bench-args.ts";

const SUBJECTS = {
  merge: mergeRows,
  exec: execRows,
  async eval(context: BenchContext) {
    const { evalRows } = await import("./_bench-eval.ts");
    return await evalRows(context);
  },
  async agents(context: BenchContext) {
    const { agentsRows } = await import("./_bench-agents.ts");
    return await agentsRows(context);
  },
  async ledger(context: BenchContext) {
    const { ledgerRows } = await import("./_bench-ledger.ts");
    return await ledgerRows(context);
  },
  async queue(context: BenchContext) {
    const { queueRows } = await import("./_bench-queue.ts");
    return await queueRows(context);
  },
  async port(context: BenchContext) {
    const { portRows } = await import("./_bench-port.ts");
    return await portRows(context);
  },
  async site(context: BenchContext) {
    const { siteRows } = await import("./_bench-site.ts");
    return await siteRows(context);
  },
} as const satisfies Record<string, (context: BenchContext) => Promise<Row[]>>;

export const bench = defineCommand({
  name: "bench",
  summary: "Time a part of Tandem against the plain way, in one run, as ratios",
  words: {
    usage: "[SUBJECT]",
    meaning: `one of ${Object.keys(SUBJECTS).join(", ")} (default: merge)`,
  },
  args: BENCH_ARGS,
  async run(context) {
    const [subject = "merge", ...others] = context.words;
    if (others.length > 0) throw new UsageError("one subject at a time");
    if (!isSubject(subject))
      throw new UsageError(unknownName("subject", subject, Object.keys(SUBJECTS)));
    for (const row of await SUBJECTS[subject](context)) context.out.emit(row);
    return 0;
  },
});

function isSubject(word: string): word is keyof typeof SUBJECTS {
  return Object.hasOwn(SUBJECTS, word);
}

/** All gold pairs of the demo task, in plumbing against a checkout a pair. */
async function mergeRows({ args, signal, ledger: open }: BenchContext): Promise<Row[]> {
  const { benchMerge } = await import("./bench-merge.ts");
  const { indexDemo } = await import("../../lib/cli/select.ts");
  const ledger = await open();
  indexDemo(ledger);
  const repeat = wholeNumber("--repeat", args.repeat, 1) ?? 20;
  return await benchMerge({ ledger, repeat, signal });
}

/** Commands in containers of a task's image, in the attached bash against a `docker exec` process each. */
async function execRows({ args, signal, ledger: open }: BenchContext): Promise<Row[]> {
  const { benchExec } = await import("../../lib/sandbox/docker/bench.ts");
  const { DOCKER_DEFAULTS, dockerBackend } = await import("../../lib/sandbox/docker/docker.ts");
  const { selectTasks } = await import("../../lib/cli/select.ts");
  const { resolve } = await import("node:path");
  const [found] = selectTasks(await open(), args);
  if (!found) throw new UsageError("no task to take an image from");
  const cache_dir = resolve(args["log-dir"], ".cache");
  const { backend_options } = sandboxOptions(args, "docker");
  const backend = dockerBackend({ ...DOCKER_DEFAULTS, ...backend_options, cache_dir });
  const commands = wholeNumber("--repeat", args.repeat, 4) ?? 20;
  return await benchExec({ backend, task: found.task, commands, signal });
}

if (import.meta.main) await main(bench);
