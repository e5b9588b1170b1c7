// Owns torturing the runner: a demo study killed at random moments, restarted, and looked over for anything lost or left.

import { FILTER_ARGS, oneOf, wholeNumber } from "../../lib/cli/args.ts";
import { COMMON_ARGS, defineCommand, main } from "../../lib/cli/step.ts";
import { UsageError } from "../../lib/core/fault.ts";

export const torture = defineCommand({
  name: "torture",
  summary:
    "Kill a demo study with SIGKILL at random moments, restart it, and look for what was lost or left",
  args: {
    kills: { type: "string", description: "number of kills", valueHint: "n", default: "50" },
    seed: {
      type: "string",
      description: "seed of the moments",
      valueHint: "n",
      default: "42",
    },
    backend: {
      type: "string",
      description: "docker (default), local, or both in turn",
      valueHint: "backend",
      default: "docker",
    },
    tables: {
      type: "string",
      description: "2: call each study in two process tables at once (Linux, root)",
      valueHint: "n",
      default: "1",
    },
    features: {
      ...FILTER_ARGS.features,
      description: "only pairs with exactly these features of the demo task",
    },
    json: COMMON_ARGS.json,
    quiet: COMMON_ARGS.quiet,
    debug: COMMON_ARGS.debug,
  },
  async run({ args, out, signal }) {
    const kills = wholeNumber("--kills", args.kills, 1) ?? 50;
    const seed = wholeNumber("--seed", args.seed) ?? 42;
    const backend = await oneOf("--backend", args.backend, ["docker", "local", "both"]);
    const tables = await oneOf("--tables", args.tables, ["1", "2"]);
    if (args.features !== undefined && !/^\d+,\d+$/.test(args.features))
      throw new UsageError(`-f takes two features, such as -f 1,2, not "${args.features}"`);
    const { torment } = await import("./_torment.ts");
    const { features } = args;
    let damage = 0;
    const backends = backend === "both" ? (["local", "docker"] as const) : [backend];
    const options = { kills, seed, backends, tables: tables === "2" ? 2 : 0, features, signal };
    for await (const round of torment(options, (line) => out.say(line))) {
      damage += round.damage.length;
      out.emit(round);
    }
    out.say(
      damage === 0 ? "nothing was lost, decided twice or left" : `${damage} things went wrong`,
    );
    return damage;
  },
});

if (import.meta.main) await main(torture);
