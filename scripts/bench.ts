// Owns the benchmarks: ratios taken in one run against the plain way of doing the same.
import { UsageError } from "../lib/fault.ts";
import { unknownName } from "../lib/nearest.ts";
import { wholeNumber } from "./_args.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

const SUBJECTS = ["merge"] as const;

export const bench = defineStep({
  name: "bench",
  summary: "Time a part of Tandem against the plain way, in one run, as ratios",
  words: `One subject: ${SUBJECTS.join(", ")}.`,
  args: {
    repeat: {
      type: "string",
      description: "times each way is taken; the median counts",
      valueHint: "n",
      default: "5",
    },
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const [subject = "merge", ...others] = words;
    if (!SUBJECTS.some((known) => known === subject))
      throw new UsageError(unknownName("subject", subject, SUBJECTS));
    if (others.length > 0) throw new UsageError("one subject at a time");
    const { benchMerge } = await import("../lib/merge/bench.ts");
    const { indexDemo } = await import("./_select.ts");
    const ledger = await open();
    indexDemo(ledger);
    const repeat = wholeNumber("--repeat", args.repeat, 1) ?? 1;
    for (const row of await benchMerge({ ledger, repeat, signal })) out.emit(row);
    return 0;
  },
});

if (import.meta.main) await main(bench);
