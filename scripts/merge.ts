// Owns the step `merge`: merges the agents' patches of finished attempts, in git plumbing.

import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  PLACE_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "../lib/cli/args.ts";
import { stepOptions } from "../lib/cli/options.ts";
import { SANDBOX_ARGS } from "../lib/cli/sandbox.ts";
import { COMMON_ARGS, defineStep, main, plansDry } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { WIDTHS } from "../lib/config/widths.ts";

export const merge = defineStep({
  name: "merge",
  summary: "Merge the agents' patches of finished attempts (naive and union)",
  words: KEY_WORDS,
  reads: plansDry,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    concurrency: {
      type: "string",
      alias: "c",
      description: "git processes at a time",
      valueHint: "n",
      default: String(WIDTHS.merge),
    },
    ...WORK_ARGS,
    backend: SANDBOX_ARGS.backend,
    registry: SANDBOX_ARGS.registry,
    "image-template": SANDBOX_ARGS["image-template"],
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  drains: true,
  async run({ args, words, out, signal, drain, ledger: open }) {
    const { merge: mergeAttempts, planMerge } = await import("../lib/stages/merge.ts");
    const options = {
      ...(await stepOptions({ args, words, signal, drain, ledger: await open() })),
      concurrency: wholeNumber("-c", args.concurrency, 1),
    };
    if (args["dry-run"]) {
      const units = await planMerge(options);
      for (const { key, done } of units) out.emit({ key, todo: !done });
      out.say(`${units.filter(({ done }) => !done).length} of ${units.length} attempts to merge`);
      return 0;
    }
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
        `${on_patches} merged on a base made of patches, since the tasks' own is not at hand: eval merges them again on it`,
      );
    return units.close(end);
  },
});

if (import.meta.main) await main(merge);
