// Owns the step `eval`: runs the hidden tests of every feature on the merged trees and gives verdicts.
import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
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
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const { dirname, join } = await import("node:path");
    const { attemptsWithin, selectAttempts, taskFinder } = await import("./_select.ts");
    const { evaluateRuns, plannedEvaluations } = await import("../lib/eval/run.ts");
    const { openBackend } = await import("../lib/sandbox/open.ts");
    const ledger = await open();
    const log_dir = args["log-dir"];
    const hidden = [
      args["dataset-dir"],
      log_dir,
      dirname(args.ledger),
      join(import.meta.dir, ".."),
    ];
    const backend = await openBackend({
      name: args.backend,
      log_dir,
      hidden,
      unsafe_local: args["unsafe-local"] === true,
    });
    const filter = attemptsWithin(ledger, await selectAttempts(ledger, words, args), args.limit);
    const plan = {
      ...{ ledger, filter, log_dir, backend, signal, force: args.force === true },
      taskOf: taskFinder(ledger, args["dataset-dir"]),
      concurrency: wholeNumber("-c", args.concurrency, 1) ?? 1,
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
    await evaluateRuns({
      ...plan,
      onDone: units.done,
    });
    return units.close();
  },
});

if (import.meta.main) await main(evaluate);
