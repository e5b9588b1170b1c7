// Owns finding the step of a command behind its door, the file of its name in `scripts/`.
import { join } from "node:path";
import type { Step } from "./step.ts";
import type { Command, LoadCommand } from "./tandem.ts";

const FOLDER = join(import.meta.dir, "../../scripts");

/** Loads what lists tell of commands. `own` is the caller, whose door may be the program: that cannot be loaded before it ends. */
export function doors(own?: Command): LoadCommand {
  return async (name) => (name === own?.name ? own : await stepBehind(name));
}

/** The step of a command, which is one of COMMANDS. */
export async function stepBehind(name: string): Promise<Step> {
  const exported: Readonly<Record<string, unknown>> = await import(join(FOLDER, `${name}.ts`));
  const step = Object.values(exported).find((value): value is Step => isStep(value, name));
  if (step === undefined) throw new TypeError(`scripts/${name}.ts exports no step of its own name`);
  return step;
}

function isStep(value: unknown, name: string): boolean {
  const is = typeof value === "object" && value !== null && "args" in value && "name" in value;
  return is && value.name === name;
}
