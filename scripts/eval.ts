// Owns the step `eval`: runs the hidden tests of every feature on the merged trees and gives verdicts.

import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  oneOf,
  PLACE_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "../lib/cli/args.ts";
import { stepOptions } from "../lib/cli/options.ts";
import { SANDBOX_ARGS, SUITE_ARGS, suiteOptions } from "../lib/cli/sandbox.ts";
import { COMMON_ARGS, defineStep, main, plansDry } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { WIDTHS } from "../lib/config/widths.ts";
import { DERIVED_POLICIES, ERAS } from "../lib/core/vocabulary.ts";

export const evaluate = defineStep({
  name: "eval",
  summary: "Test merged attempts with the features' hidden tests",
  words: KEY_WORDS,
  reads: plansDry,
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
    policies: {
      type: "string",
      description: `policies to judge under, as a list (default: ${DERIVED_POLICIES.join(",")}); fewer need fewer suites`,
      valueHint: "list",
    },
    compat: {
      type: "string",
      description: `give the verdict of CooperBench ${ERAS.join(" or ")} instead, kept beside ours`,
      valueHint: "version",
    },
    ...SUITE_ARGS,
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  drains: true,
  async run({ args, words, out, signal, drain, ledger: open }) {
    const { evaluate: evaluateAttempts, planEvaluation } = await import(
      "../lib/stages/evaluate.ts"
    );
    const options = {
      ...(await stepOptions({ args, words, signal, drain, ledger: await open() })),
      concurrency: wholeNumber("-c", args.concurrency, 1),
      ...suiteOptions(args),
      policies: await policiesOf(args.policies),
      compat: args.compat === undefined ? undefined : await oneOf("--compat", args.compat, ERAS),
    };
    if (args["dry-run"]) {
      const units = await planEvaluation(options);
      for (const { key, done } of units) out.emit({ key, todo: !done });
      out.say(
        `${units.filter(({ done }) => !done).length} of ${units.length} attempts to evaluate`,
      );
      return 0;
    }
    using units = reportUnits(out, { doing: "testing", did: "evaluated" });
    return units.close(
      await evaluateAttempts({ ...options, on_unit: units.done, on_start: units.start }),
    );
  },
});

async function policiesOf(list: string | undefined) {
  if (list === undefined) return undefined;
  const names = [...new Set(list.split(",").map((name) => name.trim()))];
  return await Promise.all(names.map((name) => oneOf("--policies", name, DERIVED_POLICIES)));
}

if (import.meta.main) await main(evaluate);
