// Owns the step `eval`: runs the hidden tests of every feature on the merged trees and gives verdicts.
import { WIDTHS } from "../lib/config/widths.ts";
import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  oneOf,
  PLACE_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "./_args.ts";
import { stepOptions } from "./_options.ts";
import { SANDBOX_ARGS, SUITE_ARGS, suiteOptions } from "./_sandbox.ts";
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
      default: String(WIDTHS.eval),
    },
    compat: {
      type: "string",
      description: "give the verdict of the old system instead, kept beside ours",
      valueHint: "0.0.14",
    },
    ...SUITE_ARGS,
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  drains: true,
  async run({ args, words, out, signal, drain, ledger: open }) {
    const { evaluate: evaluateAttempts, planEvaluation } = await import("../lib/steps/evaluate.ts");
    const options = {
      ...(await stepOptions({ args, words, signal, drain, ledger: await open() })),
      concurrency: wholeNumber("-c", args.concurrency, 1),
      ...suiteOptions(args),
      compat:
        args.compat === undefined ? undefined : await oneOf("--compat", args.compat, ["0.0.14"]),
    };
    if (args["dry-run"]) {
      const units = await planEvaluation(options);
      for (const { attempt, done } of units)
        out.emit({ key: attempt.attempt_key, todo: done === undefined });
      out.say(
        `${units.filter(({ done }) => !done).length} of ${units.length} attempts to evaluate`,
      );
      return 0;
    }
    using units = reportUnits(out, { doing: "testing", did: "evaluated" });
    await evaluateAttempts({ ...options, on_unit: units.done, on_start: units.start });
    return units.close();
  },
});

if (import.meta.main) await main(evaluate);
