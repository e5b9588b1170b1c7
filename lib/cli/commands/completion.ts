// Owns the work of `completion`: prints what a shell needs to complete commands and their flags.
import { UsageError } from "../../core/fault.ts";
import { unknownName } from "../../core/nearest.ts";
import { SHELLS } from "../completion.ts";
import type { COMPLETION_FLAGS } from "../flags/completion.ts";
import { COMMANDS } from "../groups.ts";
import type { CommandContext } from "../step.ts";
import type { LoadCommand } from "../tandem.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run(
  { words, out }: CommandContext<typeof COMPLETION_FLAGS>,
  load: LoadCommand,
): Promise<number> {
  const [name, ...more] = words;
  if (name === undefined || more.length > 0)
    throw new UsageError(`completion takes one shell: ${Object.keys(SHELLS).join(", ")}`);
  const script = SHELLS[name];
  if (script === undefined) throw new UsageError(unknownName("shell", name, Object.keys(SHELLS)));
  out.text(script(await Promise.all(COMMANDS.map(load))));
  return 0;
}
