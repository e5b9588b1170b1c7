import { describe, expect, test } from "bun:test";
import { checkFlags } from "./check-flags.ts";
import { commandBehind } from "./doors.ts";
import { type FlagsDef, flagForms } from "./flag-forms.ts";
import { COMMANDS, FIRST } from "./groups.ts";
import { type Described, helpText } from "./help.ts";
import { indexText } from "./tandem.ts";

const commands = await Promise.all(COMMANDS.map(commandBehind));
const WIDTHS = [40, 80, 120];
const plain = (command: Described, width: number) => helpText(command, { width, color: false });
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** Every line is within the terminal, without a space at its end. */
function expectWithin(text: string, width: number): void {
  const lines = text.split("\n");
  expect(lines.filter((line) => Bun.stringWidth(line) > width || line.endsWith(" "))).toEqual([]);
}

/** The text without the breaks of its lines. */
const joined = (text: string) => text.replaceAll(/\s+/g, "");

describe.each(commands)("the help of $name", (command) => {
  test.each(WIDTHS)("fits %d columns, whole", (width) => {
    const text = plain(command, width);
    expectWithin(text, width);
    for (const { flag, meaning, default: given } of flagForms(command.args)) {
      expect(text).toMatch(new RegExp(`[ ,]${flag}\\b`));
      const told = given === undefined ? meaning : `${meaning} (default: ${given})`;
      expect(joined(text)).toContain(joined(told));
    }
  });

  test("tells how it is called, with examples, and what its end means", () => {
    const text = plain(command, 80);
    const words = command.words === undefined ? "" : ` ${command.words.usage}`;
    expect(flat(text)).toContain(`Usage: tandem ${command.name} [OPTIONS]${words} `);
    if (command.words !== undefined) expect(flat(text)).toContain(command.words.meaning);
    for (const status of [0, 1, 2, 130]) expect(text).toMatch(new RegExp(`^  ${status} +\\w`, "m"));
    expect(text).toContain("\nExamples:\n  # ");
  });

  test("spells every default alike, and ends no meaning with a full stop", () => {
    for (const { description = "" } of Object.values<{ description?: string }>(command.args)) {
      expect(description).not.toMatch(/\bdefault/i);
      expect(description).not.toMatch(/\.$/);
    }
  });

  test("has examples that the command takes", () => {
    const lines = Object.keys(command.examples ?? {}).flatMap((line) => line.split(/ [|] /));
    const own = lines.flatMap((line) => {
      const [, name = "", rest = ""] = /\btandem ([\w-]+) ?(.*?)[)]?$/.exec(line) ?? [];
      return name === "" ? [] : [{ name, argv: argvOf(rest) }];
    });
    expect(own.map(({ name }) => name)).toContain(command.name);
    for (const { name, argv } of own) {
      const args = commands.find((one) => one.name === name)?.args;
      if (args === undefined) throw new Error(`no command ${name}`);
      checkFlags(args, argv);
      expectValues(args, argv);
    }
  });

  test("is short in the list of commands", () => {
    expect(command.summary.length).toBeLessThanOrEqual(80 - 17);
  });
});

function argvOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word = ""]) => quoted ?? word);
}

/** Values of closed sets are some of them. */
function expectValues(args: FlagsDef, argv: readonly string[]): void {
  for (const { flag, letters, values } of flagForms(args)) {
    const names = [flag, ...letters.map((letter) => `-${letter}`)];
    const at = argv.findIndex((word) => names.includes(word));
    if (at >= 0 && values.length > 0)
      for (const value of (argv[at + 1] ?? "").split(",")) expect(values).toContain(value);
  }
}

test.each(WIDTHS)("the list of commands fits %d columns", async (width) => {
  const text = await indexText(commandBehind, { width, color: false });
  expectWithin(text, width);
  for (const name of [...COMMANDS, ...Object.keys(FIRST)]) expect(text).toContain(name);
  if (width >= 80) expect(text.split("\n").filter((line) => /^ {15}/.test(line))).toHaveLength(0);
});

test("headings are bold where colours are wanted, and nothing else changes", () => {
  const [command] = commands;
  if (command === undefined) throw new Error("no command");
  const coloured = helpText(command, { width: 80, color: true });
  expect(coloured).toContain("\u001b[1mUsage:\u001b[22m");
  expect(Bun.stripANSI(coloured)).toBe(plain(command, 80));
});
