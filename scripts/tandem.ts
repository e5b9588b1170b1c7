// Owns the entry to all commands: `tandem NAME …` is `bun scripts/NAME.ts …`.
import { commandBehind, doors } from "../lib/cli/doors.ts";
import { COMMANDS } from "../lib/cli/groups.ts";
import { defineCommand, main } from "../lib/cli/step.ts";
import { terminalOf } from "../lib/cli/terminal.ts";

const index = defineCommand({
  name: "COMMAND",
  summary: "List the commands",
  words: { usage: "", meaning: "" },
  args: {},
  run: async ({ words: [name], out }) => {
    const { indexText, unknownCommand } = await import("../lib/cli/tandem.ts");
    if (name !== undefined) unknownCommand(name);
    out.text(await indexText(doors(), terminalOf(process.stdout)));
    return 0;
  },
});

/** Runs the command that the words name, as the program; without one it lists them all. */
export async function tandem(argv: readonly string[]): Promise<void> {
  const helps = argv[0] === "help";
  const [name = "--help", ...rest] = helps ? argv.slice(1) : argv;
  if (COMMANDS.includes(name)) await main(await commandBehind(name), helps ? ["--help"] : rest);
  else await main(index, name === "--help" || name === "-h" ? [] : [name, ...rest]);
}

const words = process.argv.slice(2);
if (import.meta.main) await tandem(words);
