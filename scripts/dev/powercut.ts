// Owns cutting the power: a demo study on a disk of its own loses it at random moments, and is looked over and gone on with.

import { FILTER_ARGS, wholeNumber } from "../../lib/cli/args.ts";
import { COMMON_ARGS, defineCommand, main } from "../../lib/cli/step.ts";
import { UsageError } from "../../lib/core/fault.ts";

export const powercut = defineCommand({
  name: "dev/powercut",
  summary:
    "Cut the power of a disk with a demo study at random moments, and look for what was lost or damaged (Linux, root)",
  args: {
    cuts: { type: "string", description: "number of cuts", valueHint: "n", default: "10" },
    seed: { type: "string", description: "seed of the moments", valueHint: "n", default: "42" },
    features: {
      ...FILTER_ARGS.features,
      description: "only pairs with exactly these features of the demo task",
    },
    json: COMMON_ARGS.json,
    quiet: COMMON_ARGS.quiet,
    debug: COMMON_ARGS.debug,
  },
  async run({ args, out, signal }) {
    const cuts = wholeNumber("--cuts", args.cuts, 1) ?? 10;
    const seed = wholeNumber("--seed", args.seed) ?? 42;
    const { features } = args;
    if (features !== undefined && !/^\d+,\d+$/.test(features))
      throw new UsageError(`-f takes two features, such as -f 1,2, not "${features}"`);
    const { cutPower } = await import("./_cuts.ts");
    let damage = 0;
    for await (const cut of cutPower({ cuts, seed, features, signal }, (line) => out.say(line))) {
      damage += cut.damage.length;
      out.emit(cut);
    }
    out.say(damage === 0 ? "nothing was lost or damaged" : `${damage} things went wrong`);
    return damage;
  },
});

if (import.meta.main) await main(powercut);
