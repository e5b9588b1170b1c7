// Owns the step `merge`: merges the agents' patches of finished attempts, in git plumbing.
import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  PLACE_ARGS,
  SANDBOX_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "./_args.ts";
import { openProgress } from "./_progress.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

export const merge = defineStep({
  name: "merge",
  summary: "Merge the agents' patches of finished attempts (naive and union)",
  words: KEY_WORDS,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    concurrency: {
      type: "string",
      alias: "c",
      description: "git processes at a time",
      valueHint: "n",
      default: "2",
    },
    ...WORK_ARGS,
    backend: SANDBOX_ARGS.backend,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const { attemptsWithin, selectAttempts, taskFinder } = await import("./_select.ts");
    const { mergeRuns, plannedMerges } = await import("../lib/merge/run.ts");
    const { openBackend } = await import("../lib/sandbox/open.ts");
    const ledger = await open();
    const log_dir = args["log-dir"];
    const backend = await openBackend({
      name: args.backend,
      log_dir,
      hidden: [],
      unsafe_local: false,
    });
    const filter = attemptsWithin(ledger, await selectAttempts(ledger, words, args), args.limit);
    const plan = {
      ...{ ledger, filter, log_dir, signal, force: args.force === true },
      taskOf: taskFinder(ledger, args["dataset-dir"]),
      baseOf: backend.baseAtHand,
      concurrency: wholeNumber("-c", args.concurrency, 1) ?? 1,
    };
    if (args["dry-run"]) {
      const units = await plannedMerges(plan);
      for (const { inputs, done } of units)
        out.emit({ key: inputs.attempt.attempt_key, todo: done === undefined });
      out.say(`${units.filter(({ done }) => !done).length} of ${units.length} attempts to merge`);
      return 0;
    }
    using progress = openProgress("merging", out.quiet);
    const total = filter.keys.length;
    const count = { done: 0, fresh: 0, faults: 0 };
    await mergeRuns({
      ...plan,
      onDone(unit) {
        progress.show(++count.done, total);
        if ("fault" in unit) {
          count.faults++;
          out.warn(`${unit.key}: ${unit.fault.message} → ${unit.fault.hint}`);
          out.emit({ key: unit.key, fault: unit.fault.code, message: unit.fault.message });
          return;
        }
        if (unit.fresh) count.fresh++;
        out.emit({
          key: unit.key,
          merge_status: unit.merge_status,
          union_status: unit.union_status,
        });
      },
    });
    out.say(
      `${count.fresh} merged, ${count.done - count.fresh - count.faults} merged before, ${count.faults} faults`,
    );
    return count.faults;
  },
});

if (import.meta.main) await main(merge);
