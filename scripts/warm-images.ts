// Owns the making of warm images: those of tasks, with all that their suites download kept inside.
import { resolve } from "node:path";
import { FILTER_ARGS, PLACE_ARGS, WORK_ARGS, wholeNumber } from "../lib/cli/args.ts";
import type { Output } from "../lib/cli/output.ts";
import {
  SANDBOX_ARGS,
  type SandboxFlags,
  SUITE_ARGS,
  sandboxOptions,
  suiteOptions,
} from "../lib/cli/sandbox.ts";
import { COMMON_ARGS, defineStep, faultLine, main, plansDry } from "../lib/cli/step.ts";
import { defaultValue } from "../lib/config/settings.ts";
import { UsageError } from "../lib/core/fault.ts";
import { taskKey } from "../lib/core/keys.ts";
import type { WarmPlan, WarmUnit } from "../lib/engine/warm.ts";
import type { Failing } from "../lib/eval/warm.ts";
import type { Warmer } from "../lib/sandbox/docker/warm.ts";

export const warmImages = defineStep({
  name: "warm-images",
  summary:
    "Make local images with all that suites download, and say whether gold passes on them without network",
  reads: plansDry,
  args: {
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
  },
  drains: true,
  async run({ args, out, signal, drain, ledger: open }) {
    const { selectTasks } = await import("../lib/cli/select.ts");
    const { warmImages: warm } = await import("../lib/engine/warm.ts");
    const { joinEngine } = await import("../lib/engine/places.ts");
    const ledger = await open();
    const tasks = selectTasks(ledger, args).slice(0, wholeNumber("--limit", args.limit, 1));
    if (tasks.length === 0) throw new UsageError("no task to warm an image of");
    const { suites, timeout_ms } = suiteOptions(args);
    const work = {
      suites: suites ?? navigator.hardwareConcurrency,
      timeout_ms: timeout_ms ?? defaultValue("timeout_ms"),
      force: args.force === true,
    };
    const warmer = await openWarmer(args);
    if (args["dry-run"] === true) return await show(out, { warmer, tasks, force: work.force });
    for (const name of await warmer.sweep()) out.say(`removed ${name}, which a killed call left`);
    const count = { made: 0, current: 0, faults: 0 };
    using engine = joinEngine({ ledger, signal, drain }, "warm-images");
    const left = await warm(engine, {
      ...{ warmer, tasks, ...work },
      on_unit(unit) {
        if ("fault" in unit) count.faults++;
        else count[unit.fresh ? "made" : "current"]++;
        tell(out, unit);
      },
    });
    const rest = left === 0 ? "" : `, ${left} left`;
    out.say(`${count.made} made, ${count.current} up to date, ${count.faults} faults${rest}`);
    return count.faults + left;
  },
});

type Flags = Omit<SandboxFlags, "backend"> & { readonly "to-template": string };

async function openWarmer(flags: Flags): Promise<Warmer> {
  const { openWarmer: open } = await import("../lib/sandbox/docker/warm.ts");
  return open({
    ...sandboxOptions(flags, "docker").backend_options,
    cache_dir: resolve(flags["log-dir"], ".cache"),
    to_template: flags["to-template"],
  });
}

type Shown = Pick<WarmPlan, "warmer" | "tasks" | "force">;

async function show(out: Output, { warmer, tasks, force }: Shown): Promise<number> {
  for (const { task } of tasks) {
    const make = force || !(await warmer.isCurrent(task));
    const would = make ? "make it" : "test gold where that is not known";
    out.emit({ key: taskKey(task), image: warmer.nameOf(task), would });
  }
  return 0;
}

function tell(out: Output, unit: WarmUnit): void {
  if ("fault" in unit) {
    out.warn(`${unit.key}: ${faultLine(unit.fault)}`);
    out.emit({ key: unit.key, fault: unit.fault.code, message: unit.fault.message });
    return;
  }
  const { notes, gold, passing, failing, ...rest } = unit;
  for (const note of notes) out.warn(`${unit.key}: ${note}`);
  const offline = `${passing} of ${gold} gold suites pass`;
  out.emit({ ...rest, offline, failing: out.json ? failing : failing.map(inWords).join("; ") });
}

function inWords({ feature_id, offline, online }: Failing): string {
  return `feature ${feature_id}: ${offline}${online === undefined ? "" : ` (with network: ${online})`}`;
}

if (import.meta.main) await main(warmImages);
