// Owns the work of `clean`: clears away what the flags ask for.
import { clearAway } from "../clean.ts";
import type { CLEAN_FLAGS } from "../flags/clean.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
}: CommandContext<typeof CLEAN_FLAGS>): Promise<number> {
  return await clearAway({
    ...{ out, signal, log_dir: args["log-dir"], backend: args.backend },
    all: args.all === true,
    dry_run: args["dry-run"] === true,
  });
}
