// Owns docs/flags.md: every command with its flags, made from their declarations.
import { type FlagForm, flagForms, meaningText } from "./flag-forms.ts";
import { COMMANDS, GROUPS } from "./groups.ts";
import { exitEntries } from "./help.ts";
import type { ListedCommand, LoadCommand } from "./tandem.ts";

/** From so many commands on, a flag with one meaning is told once for all of them. */
const SHARED_BY = 4;

/** The document, as Markdown. */
export async function flagsDocument(load: LoadCommand): Promise<string> {
  const commands = await Promise.all(COMMANDS.map(load));
  const shared = sharedBy(commands);
  const sections = Object.entries(GROUPS).flatMap(([title, names]) => [
    `## Commands: ${title}\n`,
    ...commands.filter(({ name }) => isIn(names, name)).map((of) => section(of, shared)),
  ]);
  return `# Commands and their flags

Made from the declarations in \`lib/cli/flags\` and \`scripts\` by \`npm run docs\`; do not edit it here.

\`tandem NAME …\` is \`bun scripts/NAME.ts …\`. Every command also answers \`--help\`, \`--version\` and \`--debug\`. A value follows its flag, or \`=\`.

## Exit status

${exits()}
## Flags that several commands have

${table([...shared.values()])}
${sections.join("\n")}`;
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function sharedBy(commands: readonly ListedCommand[]): ReadonlyMap<string, FlagForm> {
  const all = commands.flatMap(({ args }) => flagForms(args));
  const groups = Map.groupBy(all, keyOf);
  return new Map(
    [...groups].flatMap(([key, [form, ...more]]) =>
      form && more.length + 1 >= SHARED_BY ? [[key, form]] : [],
    ),
  );
}

function keyOf({ flag, letters, meaning, default: given }: FlagForm): string {
  return JSON.stringify([flag, letters, meaning, given]);
}

function section(
  { name, summary, about = summary, words, args, examples = {}, fails }: ListedCommand,
  shared: ReadonlyMap<string, FlagForm>,
): string {
  const all = flagForms(args);
  const own = all.filter((form) => !shared.has(keyOf(form)));
  const others = all.filter((form) => shared.has(keyOf(form))).map(({ flag }) => `\`${flag}\``);
  const too = others.length === 0 ? "" : `Also ${others.join(", ")}.\n`;
  const called = `    tandem ${[name, "[OPTIONS]", ...(words === undefined ? [] : [words.usage])].join(" ")}\n`;
  const takes = words === undefined ? "" : `\`${words.usage}\`: ${words.meaning}.\n`;
  const shown = Object.entries(examples).map(([line, does]) => `    # ${does}\n    ${line}\n`);
  const ends = fails === undefined ? "" : `Exit status 1: ${fails}.\n`;
  const flags = own.length === 0 ? "" : table(own);
  const parts = [
    `### \`${name}\`\n`,
    `${about}.\n`,
    called,
    takes,
    flags,
    too,
    shown.join(""),
    ends,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function exits(): string {
  const rows = exitEntries().map(([status, meaning]) => `| ${status} | ${meaning} |`);
  return ["| status | meaning |", "| --- | --- |", ...rows, ""].join("\n");
}

function table(rows: readonly FlagForm[]): string {
  const lines = rows.map((form) => {
    const { flag, letters, value, environment } = form;
    const takes = value === undefined ? "" : ` ${value}`;
    const written = `\`${letters.map((letter) => `-${letter} `).join("")}${flag}\`${takes}`;
    return `| ${cell(written)} | ${cell(meaningText(form, usual(environment) ?? form.default))} |`;
  });
  return ["| flag | meaning |", "| --- | --- |", ...lines, ""].join("\n");
}

/** What stands in a document is the same on every machine. */
function usual(environment: FlagForm["environment"]): string | undefined {
  return environment && `$${environment.name}, else ${environment.usual}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
