// Owns the step `mutants`: small changes of meaning that tests should notice, and those that they do not.
import { wholeNumber } from "../../lib/cli/args.ts";
import { COMMON_ARGS, defineCommand, main } from "../../lib/cli/step.ts";
import { UsageError } from "../../lib/core/fault.ts";

export const mutants = defineCommand({
  name: "mutants",
  summary:
    "Change the code of rooms at random, one place at a time in a copy, and report what no test notices",
  words: {
    usage: "[PATH]...",
    meaning: "folders or files, such as lib/eval; without any, --since names a commit",
  },
  args: {
    count: {
      type: "string",
      alias: "c",
      description: "number of mutants",
      valueHint: "n",
      default: "20",
    },
    seed: { type: "string", description: "seed of the choice", valueHint: "n", default: "42" },
    since: {
      type: "string",
      description: "only in files changed since this commit",
      valueHint: "commit",
    },
    json: COMMON_ARGS.json,
    quiet: COMMON_ARGS.quiet,
    debug: COMMON_ARGS.debug,
  },
  async run({ args, words, out, signal }) {
    const { changedSince, tryMutants } = await import("./_mutants.ts");
    const root = process.cwd();
    const since = args.since === undefined ? [] : await changedSince(root, args.since, signal);
    const rooms = [...words, ...since];
    if (rooms.length === 0) throw new UsageError("name folders or files, or a commit with --since");
    const count = wholeNumber("--count", args.count, 1) ?? 20;
    const seed = wholeNumber("--seed", args.seed) ?? 42;
    const counts = { killed: 0, survived: 0, untested: 0 };
    for await (const tried of tryMutants({ root, rooms, count, seed, signal })) {
      counts[tried.outcome]++;
      out.emit(tried);
    }
    out.say(`${counts.killed} killed, ${counts.survived} survived, ${counts.untested} untested`);
    return 0;
  },
});

if (import.meta.main) await main(mutants);
