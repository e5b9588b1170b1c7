// Owns the work of `check-dataset`: proving that tests alone fail, gold passes, and everything together passes.

import { defaultValue } from "../../config/settings.ts";
import { UsageError } from "../../core/fault.ts";
import { wholeNumber } from "../args.ts";
import { openEngine } from "../engine.ts";
import type { CHECK_DATASET_FLAGS } from "../flags/check-dataset.ts";
import { openSandboxes, suiteOptions } from "../sandbox.ts";
import type { CommandContext } from "../step.ts";
import { reportUnits } from "../units.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  drain,
  ledger: open,
}: CommandContext<typeof CHECK_DATASET_FLAGS>): Promise<number> {
  const { selectTasks } = await import("../select.ts");
  const { checkDataset: check } = await import("../../engine/check.ts");
  const { joinEngine } = await import("../../engine/places.ts");
  const { suitesAtATime } = await import("../../sandbox/width.ts");
  const ledger = await open();
  const tasks = selectTasks(ledger, args);
  if (tasks.length === 0) throw new UsageError("no task to check");
  const backend = await openSandboxes(args);
  const { suites, timeout_ms } = suiteOptions(args);
  const count = { good: 0, bad: 0, flaky: 0, unknown: 0 };
  const contradicting: string[] = [];
  using units = reportUnits(out, { doing: "checking", did: "checked", units: "checks" });
  await using opened = await openEngine(args, { ledger, name: undefined });
  const { place } = opened;
  const log_dir = args["log-dir"];
  using engine = joinEngine({ ledger, signal, drain, log_dir, place }, "check-dataset");
  const left = await check(engine, {
    ...{ backend, tasks },
    repeat: wholeNumber("--repeat", args.repeat, 1) ?? 1,
    suites: await suitesAtATime(backend, suites),
    timeout_ms: timeout_ms ?? defaultValue("timeout_ms"),
    force: args.force === true,
    on_start: units.start,
    on_unit(finding) {
      units.done(finding);
      if ("fault" in finding) return;
      count[verdictOf(finding)]++;
      if (finding.marks.includes("contradicts its summary"))
        contradicting.push(`${finding.key} ${finding.kind}`);
    },
  });
  const { good, bad, flaky, unknown } = count;
  const rest = unknown === 0 ? "" : `, ${unknown} unknown`;
  out.say(`${good} as they should be, ${bad} not, ${flaky} flaky${rest}`);
  if (contradicting.length > 0)
    out.say(`exit 0 although the summary reports failures: ${contradicting.join(", ")}`);
  return bad + flaky + unknown + units.close({ left });
}

type Found = { readonly good: boolean; readonly unknown: boolean; readonly flaky: boolean };

/** Each check counts once: one whose repetitions differ counts neither as good nor as bad. */
function verdictOf({ good, unknown, flaky }: Found): "good" | "bad" | "flaky" | "unknown" {
  if (flaky) return "flaky";
  if (unknown) return "unknown";
  return good ? "good" : "bad";
}
