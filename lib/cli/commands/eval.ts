// Owns the work of `eval`: runs the hidden tests of every feature on the merged trees and gives verdicts.

import { DERIVED_POLICIES, ERAS } from "../../core/vocabulary.ts";
import { oneOf, wholeNumber } from "../args.ts";
import { openEngine } from "../engine.ts";
import type { EVAL_FLAGS } from "../flags/eval.ts";
import { commandOptions } from "../options.ts";
import { printPlan } from "../plan.ts";
import { suiteOptions } from "../sandbox.ts";
import type { CommandContext } from "../step.ts";
import { reportUnits } from "../units.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  drain,
  ledger: open,
}: CommandContext<typeof EVAL_FLAGS>): Promise<number> {
  const { evaluate: evaluateAttempts, planEvaluation } = await import("../../stages/evaluate.ts");
  const options = {
    ...(await commandOptions({ args, words, signal, drain, ledger: await open() })),
    concurrency: wholeNumber("-c", args.concurrency, 1),
    ...suiteOptions(args),
    policies: await policiesOf(args.policies),
    on_control: out.say,
    compat: args.compat === undefined ? undefined : await oneOf("--compat", args.compat, ERAS),
  };
  if (args["dry-run"])
    return printPlan(out, await planEvaluation(options), { what: "attempts to evaluate" });
  const { ledger } = options;
  await using engine = await openEngine(args, { ledger, name: args.name });
  using units = reportUnits(out, { doing: "testing", did: "evaluated" });
  return units.close(
    await evaluateAttempts({ ...options, ...engine, on_unit: units.done, on_start: units.start }),
  );
}

async function policiesOf(list: string | undefined) {
  if (list === undefined) return undefined;
  const names = [...new Set(list.split(",").map((name) => name.trim()))];
  return await Promise.all(names.map((name) => oneOf("--policies", name, DERIVED_POLICIES)));
}
