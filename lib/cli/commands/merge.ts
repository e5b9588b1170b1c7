// Owns the work of `merge`: merges the agents' patches of finished attempts, in git plumbing.

import { wholeNumber } from "../args.ts";
import type { MERGE_FLAGS } from "../flags/merge.ts";
import { commandOptions } from "../options.ts";
import { printPlan } from "../plan.ts";
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
}: CommandContext<typeof MERGE_FLAGS>): Promise<number> {
  const { merge: mergeAttempts, planMerge } = await import("../../stages/merge.ts");
  const options = {
    ...(await commandOptions({ args, words, signal, drain, ledger: await open() })),
    concurrency: wholeNumber("-c", args.concurrency, 1),
    on_control: out.say,
  };
  if (args["dry-run"])
    return printPlan(out, await planMerge(options), { what: "attempts to merge" });
  using units = reportUnits(out, { doing: "merging", did: "merged" });
  let on_patches = 0;
  const end = await mergeAttempts({
    ...options,
    on_unit(unit) {
      if ("base_kind" in unit && unit.base_kind === "patches") on_patches++;
      units.done(unit);
    },
    on_start: units.start,
  });
  if (on_patches > 0)
    out.say(
      `${on_patches} merged on a base made from their patches, since the task's repository is not here: eval merges them again on it`,
    );
  return units.close(end);
}
