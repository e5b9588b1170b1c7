// Owns the check of a dataset: tests alone must fail, gold must pass, everything together must pass.

import { FILTER_ARGS, PLACE_ARGS, wholeNumber } from "../lib/cli/args.ts";
import { openSandboxes, SANDBOX_ARGS, SUITE_ARGS, suiteOptions } from "../lib/cli/sandbox.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { defaultValue } from "../lib/config/settings.ts";
import { UsageError } from "../lib/core/fault.ts";

export const checkDataset = defineStep({
  name: "check-dataset",
  summary:
    "Prove the dataset's own parts on this backend: tests alone fail, gold passes, all features together pass",
  args: {
    repo: FILTER_ARGS.repo,
    task: FILTER_ARGS.task,
    edition: FILTER_ARGS.edition,
    repeat: {
      type: "string",
      description: "runs of each suite; differing outcomes make it flaky",
      valueHint: "n",
      default: "1",
    },
    suites: { ...SUITE_ARGS.suites, alias: "c" },
    timeout: SUITE_ARGS.timeout,
    force: { type: "boolean", description: "test again what has a result" },
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  drains: true,
  async run({ args, out, signal, drain, ledger: open }) {
    const { selectTasks } = await import("../lib/cli/select.ts");
    const { checkDataset: check } = await import("../lib/engine/check.ts");
    const { joinEngine } = await import("../lib/engine/places.ts");
    const ledger = await open();
    const tasks = selectTasks(ledger, args);
    if (tasks.length === 0) throw new UsageError("no task to check");
    const backend = await openSandboxes(args);
    const { suites, timeout_ms } = suiteOptions(args);
    const count = { good: 0, bad: 0, flaky: 0, unknown: 0 };
    const contradicting: string[] = [];
    using units = reportUnits(out, { doing: "checking", did: "checked", units: "checks" });
    using engine = joinEngine({ ledger, signal, drain }, "check-dataset");
    const left = await check(engine, {
      ...{ backend, tasks },
      repeat: wholeNumber("--repeat", args.repeat, 1) ?? 1,
      suites: suites ?? navigator.hardwareConcurrency,
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
      out.say(`exit 0 though the summary tells failures: ${contradicting.join(", ")}`);
    return bad + flaky + unknown + units.close({ left });
  },
});

type Found = { readonly good: boolean; readonly unknown: boolean; readonly flaky: boolean };

/** Each check counts once: what is now this, now that, is neither as it should be nor not. */
function verdictOf({ good, unknown, flaky }: Found): "good" | "bad" | "flaky" | "unknown" {
  if (flaky) return "flaky";
  if (unknown) return "unknown";
  return good ? "good" : "bad";
}

if (import.meta.main) await main(checkDataset);
