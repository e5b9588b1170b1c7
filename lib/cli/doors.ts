// Owns finding what a command is behind its door, the file of its name in `scripts/`.
import { join } from "node:path";
import type { Command } from "./step.ts";
import type { ListedCommand, LoadCommand } from "./tandem.ts";

const FOLDER = join(import.meta.dir, "../../scripts");

/** Loads what lists tell of commands. `own` is the caller, whose door may be the program: that cannot be loaded before it ends. */
export function doors(own?: ListedCommand): LoadCommand {
  return async (name) => (name === own?.name ? own : await commandBehind(name));
}

/** The command, which is one of COMMANDS. */
export async function commandBehind(name: string): Promise<Command> {
  const exported: Readonly<Record<string, unknown>> = await import(join(FOLDER, `${name}.ts`));
  const command = Object.values(exported).find((value): value is Command => isCommand(value, name));
  if (command === undefined)
    throw new TypeError(`scripts/${name}.ts exports no command of that name`);
  return command;
}

function isCommand(value: unknown, name: string): boolean {
  const is = typeof value === "object" && value !== null && "args" in value && "name" in value;
  return is && value.name === name;
}
