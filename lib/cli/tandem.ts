// Owns what `tandem` prints by itself: the commands in groups, and the nearest name of an unknown one.
import { UsageError } from "../core/fault.ts";
import { near } from "../core/nearest.ts";
import { toned } from "../core/tone.ts";
import { wrapped } from "../core/wrap.ts";
import { COMMANDS, FIRST, GROUPS } from "./groups.ts";
import type { Described } from "./help.ts";
import type { Terminal } from "./terminal.ts";

/** What a list of commands tells of each. */
export type ListedCommand = Described;
export type LoadCommand = (name: string) => Promise<ListedCommand>;

/** Throws UsageError: there is no command of this name. */
export function unknownCommand(name: string): never {
  const best = near(name, COMMANDS);
  const meant = best === undefined ? "" : `: did you mean ${best}?`;
  throw new UsageError(`unknown command "${name}"${meant} (tandem alone lists all commands)`);
}

/** The commands in groups, and the three that come first, for a terminal. */
export async function indexText(load: LoadCommand, terminal: Terminal): Promise<string> {
  const { width = 80, color } = terminal;
  const part = (title: string, lines: readonly string[]) =>
    [toned(`${title}:`, "bold", color), ...lines].join("\n");
  const groups = Object.entries(GROUPS).map(async ([title, names]) => {
    const commands = await Promise.all(names.map(load));
    return part(
      capital(title),
      commands.flatMap((of) => entry(of.name, of.summary, width)),
    );
  });
  const first = Object.entries(FIRST).flatMap(([name, why]) =>
    entry(`tandem ${name}`, why, width, 32),
  );
  const parts = [
    `${toned("Usage:", "bold", color)} tandem COMMAND [OPTIONS]`,
    part("To begin with", first),
    ...(await Promise.all(groups)),
    wrapped(
      "`tandem COMMAND --help` explains a command, `tandem docs` lists the pages.",
      width,
    ).join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function entry(name: string, text: string, width: number, column = 15): string[] {
  const beside = width - column - 2;
  if (beside < 24) return [`  ${name}`, ...wrapped(text, width - 6).map((line) => `      ${line}`)];
  return wrapped(text, beside).map(
    (line, at) => `  ${(at === 0 ? name : "").padEnd(column)}${line}`,
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
