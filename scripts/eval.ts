// Owns the step `eval`: runs the hidden tests of every feature on the merged trees and gives verdicts.
import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  oneOf,
  PLACE_ARGS,
  positiveNumber,
  SANDBOX_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "./_args.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";
import { reportUnits } from "./_units.ts";

export const evaluate = defineStep({
  name: "eval",
  summary: "Test merged attempts with the features' hidden tests",
  words: KEY_WORDS,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    concurrency: {
      type: "string",
      alias: "c",
      description: "attempts at a time",
      valueHint: "n",
      default: "10",
    },
    timeout: {
      type: "string",
      description: "seconds a suite may take",
      valueHint: "s",
      default: "600",
    },
    suites: {
      type: "string",
      description: "suites at a time over all attempts (default: the machine's CPUs)",
      valueHint: "n",
    },
    compat: {
      type: "string",
      description: "give the verdict of the old system instead, kept beside ours",
      valueHint: "0.0.14",
    },
    premerge: {
      type: "boolean",
      description: "test each agent's patch alone too",
      negativeDescription: "do not test each agent's patch alone",
      default: true,
    },
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const { attemptsWithin, selectAttempts, taskFinder } = await import("./_select.ts");
    const { evaluateRuns, plannedEvaluations } = await import("../lib/eval/run.ts");
    const { openSandboxes } = await import("./_sandbox.ts");
    const ledger = await open();
    const log_dir = args["log-dir"];
    const backend = await openSandboxes(args);
    const filter = attemptsWithin(ledger, await selectAttempts(ledger, words, args), args.limit);
    const plan = {
      ledger,
      filter,
      log_dir,
      backend,
      signal,
      force: args.force === true,
      taskOf: taskFinder(ledger, args["dataset-dir"]),
      concurrency: wholeNumber("-c", args.concurrency, 1) ?? 1,
      premerge: args.premerge,
      suites: wholeNumber("--suites", args.suites, 1) ?? navigator.hardwareConcurrency,
      timeout_ms: positiveNumber("--timeout", args.timeout) * 1000,
    };
    if (args["dry-run"]) {
      const units = await plannedEvaluations(plan);
      for (const { attempt, done } of units)
        out.emit({ key: attempt.attempt_key, todo: done === undefined });
      out.say(
        `${units.filter(({ done }) => !done).length} of ${units.length} attempts to evaluate`,
      );
      return 0;
    }
    using units = reportUnits(out, {
      doing: "testing",
      did: "evaluated",
      total: filter.keys.length,
    });
    if (args.compat !== undefined) await oneOf("--compat", args.compat, ["0.0.14"]);
    const evaluate = args.compat === undefined ? evaluateRuns : await compatRuns();
    await evaluate({
      ...plan,
      onDone: units.done,
    });
    return units.close();
  },
});

async function compatRuns() {
  return (await import("../lib/eval/compat-run.ts")).evaluateCompat;
}

if (import.meta.main) await main(evaluate);
