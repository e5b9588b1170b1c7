// Owns the work of `warm-images`: makes images of tasks that contain everything their suites download.

import { resolve } from "node:path";
import { defaultValue } from "../../config/settings.ts";
import { UsageError } from "../../core/fault.ts";
import { taskKey } from "../../core/keys.ts";
import type { WarmPlan, WarmUnit } from "../../engine/warm.ts";
import type { Failing } from "../../eval/warm.ts";
import type { Warmer } from "../../sandbox/docker/warm.ts";
import { WARMING_BACKEND } from "../../sandbox/registry.ts";
import { wholeNumber } from "../args.ts";
import type { WARM_IMAGES_FLAGS } from "../flags/warm-images.ts";
import type { Output } from "../output.ts";
import type { SandboxFlags } from "../sandbox.ts";
import { sandboxOptions, suiteOptions } from "../sandbox.ts";
import type { CommandContext } from "../step.ts";
import { faultLine } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  drain,
  ledger: open,
}: CommandContext<typeof WARM_IMAGES_FLAGS>): Promise<number> {
  const { selectTasks } = await import("../select.ts");
  const { warmImages: warm } = await import("../../engine/warm.ts");
  const { joinEngine } = await import("../../engine/places.ts");
  const ledger = await open();
  const tasks = selectTasks(ledger, args).slice(0, wholeNumber("--limit", args.limit, 1));
  if (tasks.length === 0) throw new UsageError("no task to warm an image for");
  const { suites, timeout_ms } = suiteOptions(args);
  const work = {
    suites: suites ?? navigator.hardwareConcurrency,
    timeout_ms: timeout_ms ?? defaultValue("timeout_ms"),
    force: args.force === true,
  };
  const warmer = await openWarmer(args);
  if (args["dry-run"] === true) return await show(out, { warmer, tasks, force: work.force });
  for (const name of await warmer.sweep()) out.say(`removed ${name}, left behind by a killed call`);
  const count = { made: 0, current: 0, faults: 0 };
  using engine = joinEngine({ ledger, signal, drain, log_dir: args["log-dir"] }, "warm-images");
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
}

type Flags = Omit<SandboxFlags, "backend"> & { readonly "to-template": string };

async function openWarmer(flags: Flags): Promise<Warmer> {
  const { openWarmer: open } = await import("../../sandbox/docker/warm.ts");
  return open({
    ...sandboxOptions(flags, WARMING_BACKEND).backend_options,
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
