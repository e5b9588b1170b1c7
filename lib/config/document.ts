// Owns the page of settings: one table per section, made from their declarations.
import { kindText } from "./kinds.ts";
import { ABOUT, SECTIONS, type Section, type Setting, type Settings } from "./setting.ts";
import { rowsOf, SETTINGS, studyKey } from "./settings.ts";

const OPENING = `# Settings

Made from \`lib/config\` by \`npm run docs\`; do not edit it here. \`study.schema.json\` next to this file holds the same for editors.

A setting is written in a study's file under its key, or given as a flag. *Needs*: an arm without it does not take the
setting from \`[defaults]\`. *Kept*: it is part of a run's frozen configuration, so a different value makes a different run.
`;

/** The whole page as Markdown. */
export function settingsDocument(settings: Settings = SETTINGS): string {
  const parts = SECTIONS.map((section) => sectionText(section, settings));
  return `${OPENING}\n${parts.join("\n")}`;
}

function sectionText(section: Section, settings: Settings): string {
  const rows = rowsOf(settings, (setting) => setting.section === section);
  const head = ["key", "flag", "value", "default", "needs", "kept", "meaning"];
  const lines = [head, head.map(() => "---"), ...rows.map((row) => cells(...row))];
  return `## ${titleOf(section)}\n\n${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}

function titleOf(section: Section): string {
  const where = section === "arm" ? "`[defaults]` and `[arms.NAME]`" : `\`[${section}]\``;
  return `${where}: ${ABOUT[section]}`;
}

function cells(name: string, setting: Setting): string[] {
  const { kind, unit, needs = [], backends = [], identity, help } = setting;
  return [
    `\`${studyKey(name, setting)}\``,
    flagText(setting),
    unit === undefined ? kindText(kind) : `${kindText(kind)}, ${unit}`,
    defaultText(setting),
    [...needs, ...backends].join(", "),
    identity === undefined ? "no" : "yes",
    help,
  ].map((text) => text.replaceAll("|", "\\|"));
}

function flagText({ flag, alias, kind, ...setting }: Setting): string {
  if (flag === undefined) return "";
  const off = kind.is === "switch" && setting.default === true ? "no-" : "";
  return `\`${alias === undefined ? "" : `-${alias} `}--${off}${flag}\``;
}

function defaultText({ otherwise, ...setting }: Setting): string {
  if (setting.default !== undefined) return `\`${setting.default}\``;
  return otherwise ?? "";
}
