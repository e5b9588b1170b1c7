// Owns the text of `--help`: what a command does, how it is called, its flags in groups, examples, exit status.
import { toned } from "../core/tone.ts";
import { broken, wrapped } from "../core/wrap.ts";
import { FLAG_GROUPS, type FlagForm, type FlagsDef, flagForms, meaningText } from "./flag-forms.ts";

/** What help, lists and completion tell of a command. */
export type Described<A extends FlagsDef = FlagsDef> = {
  readonly name: string;
  /** One short line for lists of commands. */
  readonly summary: string;
  /** The same in full, for its own help, where the short line does not tell all. */
  readonly about?: string;
  /** Words that are not flags; absent when the command takes none. */
  readonly words?: Words;
  readonly args: A;
  /** Command lines, and what each does; every command of `tandem` has some. */
  readonly examples?: Readonly<Record<string, string>>;
  /** What exit status 1 means, where it is not that some unit met a fault. */
  readonly fails?: string;
};
export type Words = {
  /** As it stands in the usage line: `[KEY]...`. */
  readonly usage: string;
  readonly meaning: string;
  /** Words that completion offers. */
  readonly complete?: readonly string[];
};
type Room = { readonly width: number; readonly color: boolean };
type Entry = readonly [name: string, meaning: string];

/** Longer lines are hard to read. */
const WIDEST = 110;
const NARROWEST = 24;
/** Below this, a meaning goes below its flag. */
const STACKED_BELOW = 72;
const COLUMN = 28;
/** Short names, such as numbers, have their meanings beside them in any terminal. */
const SHORT = 4;
const INDENT = 2;

/** The help of a command, within `width` columns where its words are not longer. */
export function helpText(
  command: Described,
  terminal: { width: number | undefined; color: boolean },
): string {
  const width = Math.max(NARROWEST, Math.min(terminal.width ?? 80, WIDEST));
  const room = { ...terminal, width };
  const { name, summary, about = summary, words, args, examples = {}, fails } = command;
  const usage = ["tandem", name, "[OPTIONS]", ...(words === undefined ? [] : [words.usage])];
  const title = (text: string) => toned(text, "bold", room.color);
  const part = (heading: string, entries: readonly Entry[]) =>
    entries.length === 0
      ? []
      : ["", title(`${heading}:`), ...entries.flatMap((one) => entryLines(one, room))];
  const forms = flagForms(args);
  const groups = Object.entries(FLAG_GROUPS).flatMap(([group, heading]) => {
    const own = forms.filter((form) => form.group === group);
    return part(heading, [...own.map(flagEntry), ...(group === "output" ? ALWAYS : [])]);
  });
  const lines = [
    ...wrapped(`${about}.`, width),
    "",
    ...wrapped(`${title("Usage:")} ${usage.join(" ")}`, width),
    ...part("Arguments", words === undefined ? [] : [[words.usage, words.meaning]]),
    ...groups,
    "",
    title("Examples:"),
    ...Object.entries(examples).flatMap((one) => exampleLines(one, room)),
    ...part("Exit status", exitEntries(fails)),
  ];
  return `${lines.join("\n")}\n`;
}

const ALWAYS: readonly Entry[] = [
  ["-h, --help", "print this help"],
  ["    --version", "print the version"],
];

/** What the exit status of every command means; `fails` is what 1 means for one. */
export function exitEntries(fails = "some unit met a fault, and the others are done"): Entry[] {
  return [
    ["0", "everything is done; tests that fail are a result, not an error"],
    ["1", fails],
    ["2", "the command line is wrong; nothing was done"],
    ["130", "interrupted; what was finished is saved, and the same command continues"],
  ];
}

function flagEntry(form: FlagForm): Entry {
  const { flag, letters, value, environment } = form;
  const names = [...letters.map((letter) => `-${letter}`), flag].join(", ");
  const written = `${letters.length === 0 ? "    " : ""}${names}${value === undefined ? "" : ` <${value}>`}`;
  const variable = environment === undefined ? "" : ` [env: ${environment.name}]`;
  return [written, `${meaningText(form)}${variable}`];
}

/** The name with its meaning beside it, or below where it is too long or the terminal too narrow. */
function entryLines([name, meaning]: Entry, { width }: Room): string[] {
  const isShort = name.length <= SHORT;
  const stacks = width < STACKED_BELOW && !isShort;
  const column = isShort ? SHORT + 2 * INDENT : stacks ? 6 : COLUMN;
  const text = broken(meaning, width - column).map((line) => " ".repeat(column) + line);
  const head = " ".repeat(INDENT) + (stacks ? name.trimStart() : name);
  if (stacks || Bun.stringWidth(head) > column - INDENT) return [head, ...text];
  const [first = "", ...more] = text;
  return [`${head.padEnd(column)}${first.trimStart()}`, ...more];
}

function exampleLines([command, meaning]: Entry, { width, color }: Room): string[] {
  const comment = wrapped(`# ${meaning}`, width - INDENT).map((line, at) =>
    at === 0 ? line : `# ${line}`,
  );
  // A shell reads a command that goes on behind a backslash.
  const parts = wrapped(command, width - 2 * INDENT - 2);
  const code = parts.map((line, at) => {
    const indent = at === 0 ? "" : " ".repeat(INDENT);
    return `${indent}${line}${at === parts.length - 1 ? "" : " \\"}`;
  });
  return [...comment.map((line) => toned(line, "dim", color)), ...code].map(
    (line) => " ".repeat(INDENT) + line,
  );
}
