// Owns what `tandem` prints by itself: the commands in groups, and the nearest name of an unknown one.
import { UsageError } from "../core/fault.ts";
import { near } from "../core/nearest.ts";
import { COMMANDS, FIRST, GROUPS } from "./groups.ts";
import type { Command } from "./step.ts";

/** What a list of commands tells of each. */
export type ListedCommand = Pick<Command, "name" | "summary" | "args">;
export type LoadCommand = (name: string) => Promise<ListedCommand>;

/** Throws UsageError: there is no command of this name. */
export function unknownCommand(name: string): never {
  const best = near(name, COMMANDS);
  const meant = best === undefined ? "" : `: did you mean ${best}?`;
  throw new UsageError(`unknown command "${name}"${meant} (tandem alone lists all commands)`);
}

/** The commands in groups, and the three that come first. `width` is that of the terminal. */
export async function indexText(load: LoadCommand, width = 100): Promise<string> {
  const groups = Object.entries(GROUPS).map(async ([title, names]) => {
    const commands = await Promise.all(names.map(load));
    return [title, ...commands.flatMap((of) => entry(of.name, of.summary, width))].join("\n");
  });
  const first = Object.entries(FIRST).flatMap(([name, why]) => entry(name, why, width, 25));
  const parts = [
    "usage: tandem COMMAND [flags], tandem COMMAND --help, tandem docs [PAGE]",
    ["to begin with", ...first].join("\n"),
    ...(await Promise.all(groups)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function entry(name: string, text: string, width: number, column = 15): string[] {
  const room = Math.max(24, width - column - 2);
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(column)}${line}`);
}
