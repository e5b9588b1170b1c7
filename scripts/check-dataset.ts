// Owns the check of a dataset: tests alone must fail, gold must pass, everything together must pass.

import { defaultValue } from "../lib/config/settings.ts";
import type { Finding } from "../lib/eval/check.ts";
import { UsageError } from "../lib/fault.ts";
import { FILTER_ARGS, PLACE_ARGS, wholeNumber } from "./_args.ts";
import { openSandboxes, SANDBOX_ARGS, SUITE_ARGS, suiteOptions } from "./_sandbox.ts";
import { COMMON_ARGS, defineStep, faultLine, main } from "./_step.ts";

export const checkDataset = defineStep({
  name: "check-dataset",
  summary:
    "Prove the dataset's own parts on this backend: tests alone fail, gold passes, all features together pass",
  args: {
    repo: FILTER_ARGS.repo,
    task: FILTER_ARGS.task,
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
  async run({ args, out, signal, ledger: open }) {
    const { selectTasks } = await import("./_select.ts");
    const { checkDataset: check } = await import("../lib/eval/check.ts");
    const ledger = await open();
    const tasks = selectTasks(ledger, args);
    if (tasks.length === 0) throw new UsageError("no task to check");
    const backend = await openSandboxes(args);
    const { suites, timeout_ms } = suiteOptions(args);
    const count = { good: 0, bad: 0, flaky: 0, faults: 0 };
    await check({
      ledger,
      backend,
      tasks,
      signal,
      repeat: wholeNumber("--repeat", args.repeat, 1) ?? 1,
      suites: suites ?? navigator.hardwareConcurrency,
      timeout_ms: timeout_ms ?? defaultValue("timeout_ms"),
      force: args.force === true,
      onDone(finding: Finding) {
        if ("fault" in finding) {
          count.faults++;
          out.warn(`${finding.key}: ${faultLine(finding.fault)}`);
          out.emit({ key: finding.key, kind: finding.kind, fault: finding.fault.code });
          return;
        }
        count[finding.good ? "good" : "bad"]++;
        if (finding.flaky) count.flaky++;
        out.emit(finding);
      },
    });
    out.say(
      `${count.good} as they should be, ${count.bad} not, ${count.flaky} flaky, ${count.faults} faults`,
    );
    return count.bad + count.faults;
  },
});

if (import.meta.main) await main(checkDataset);
