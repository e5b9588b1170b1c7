// Owns turning the flags that commands share into the options of the library's functions.
import type { Ledger } from "../../db/ledger.ts";
import type { SandboxFlags } from "./sandbox.ts";
import type { Filters } from "./select.ts";

type StepFlags = Omit<SandboxFlags, "ledger"> &
  Omit<Filters, "dataset-dir"> & { readonly force?: boolean | undefined };
type Call = {
  readonly args: StepFlags;
  readonly words: readonly string[];
  readonly signal: AbortSignal;
  readonly drain: AbortSignal;
  readonly ledger: Ledger;
};

/** Places, selection, sandboxes and signal of a call. Throws UsageError. */
export async function commandOptions({ args, words, signal, drain, ledger }: Call) {
  const { sandboxOptions, warn } = await import("./sandbox.ts");
  const { selection } = await import("./select.ts");
  return {
    ledger,
    log_dir: args["log-dir"],
    dataset_dir: args["dataset-dir"],
    select: await selection(words, { ...args, "dataset-dir": args["dataset-dir"] }),
    force: args.force === true,
    signal,
    drain,
    ...sandboxOptions(args),
    say: warn,
  };
}
