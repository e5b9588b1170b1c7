// Owns the work of `clean`: clears away what the flags ask for.
import { SETTINGS } from "../../config/settings.ts";
import { clearAway } from "../clean.ts";
import type { CLEAN_FLAGS } from "../flags/clean.ts";
import { sandboxOptions } from "../sandbox.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
}: CommandContext<typeof CLEAN_FLAGS>): Promise<number> {
  return await clearAway({
    ...{ out, signal, log_dir: args["log-dir"], backend: args.backend },
    engines: enginesOf(args),
    all: args.all === true,
    dry_run: args["dry-run"] === true,
  });
}

/** Throws UsageError where the backend that is looked at has no engines. */
function enginesOf({ backend, engines }: Flags): string | undefined {
  if (engines === undefined) return undefined;
  const [taker] = SETTINGS.engines.backends;
  return sandboxOptions({ backend: backend ?? taker, engines }).backend_options.engines;
}
type Flags = { readonly backend?: string | undefined; readonly engines?: string | undefined };
