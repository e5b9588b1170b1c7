// Owns the flags of settings: made from their table, and read back as the library's values.
import type { BooleanArgDef, StringArgDef } from "citty";
import { type Kind, LONGEST_SECONDS, valueFrom } from "../config/kinds.ts";
import { meaningOf, type Section, type Setting, type Settings } from "../config/setting.ts";
import { type NamesWith, type RowOf, rowsOf, SETTINGS, type ValueOf } from "../config/settings.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { positiveNumber, wholeNumber } from "./args.ts";
import type { FlagDef, FlagGroup } from "./flag-forms.ts";

/** What a flag is made from, wherever the setting belongs. */
type Declared = Omit<Setting, "section">;

type Flagged = NamesWith<{ readonly flag: string }>;
type Switch = { readonly kind: { readonly is: "switch" } };
type ArgOf<Row> = Row extends Switch
  ? BooleanArgDef & (Row extends { readonly default: true } ? { default: true } : unknown)
  : StringArgDef;
/** The flags of these settings, by their own names. */
export type ArgsOf<Name extends Flagged> = {
  [N in Name as RowOf<N>["flag"]]: ArgOf<RowOf<N>>;
};
/** The values given by the flags of these settings; those not given are undefined and left to the library. */
export type ValuesOf<Name extends Flagged> = {
  readonly [N in Name]: ValueOf<N> | undefined;
};
type Given = Readonly<Record<string, unknown>>;

/** Names of a section's settings that have flags. */
export function flagged<S extends Section>(section: S) {
  const rows = rowsOf(SETTINGS, (row) => row.section === section && row.flag !== undefined);
  return rows.map(([name]) => name) as NamesWith<{
    readonly section: S;
    readonly flag: string;
  }>[];
}

/** The definitions of the flags of these settings, in this order. */
export function argsOf<Name extends Flagged>(names: readonly Name[]): ArgsOf<Name>;
export function argsOf(names: readonly string[], settings: Settings): Given;
export function argsOf(names: readonly string[], settings: Settings = SETTINGS): Given {
  return Object.fromEntries(
    names.map((name) => {
      const setting = settingOf(name, settings);
      return [setting.flag, argOf(setting, GROUPS[setting.section])];
    }),
  );
}

/** The flags' values as the library's. Throws UsageError for a value of another kind. */
export function valuesOf<Name extends Flagged>(
  names: readonly Name[],
  flags: Given,
): ValuesOf<Name>;
export function valuesOf(names: readonly string[], flags: Given, settings: Settings): Given;
export function valuesOf(
  names: readonly string[],
  flags: Given,
  settings: Settings = SETTINGS,
): Given {
  return Object.fromEntries(
    names.map((name) => {
      const setting = settingOf(name, settings);
      const written = readFlag(setting, flags[setting.flag ?? ""]);
      return [name, valueFrom(setting.kind, written)];
    }),
  );
}

function settingOf(name: string, settings: Settings): Setting {
  const setting = settings[name];
  if (setting?.flag === undefined) throw new TypeError(`${name} is not a setting with a flag`);
  return setting;
}

/** What the flags of a section are about. */
const GROUPS: Readonly<Record<Section, FlagGroup>> = {
  arm: "agents",
  budget: "agents",
  sandbox: "sandboxes",
  concurrency: "work",
  retries: "agents",
  messages: "agents",
  evaluation: "sandboxes",
};

/** The definition of a setting's flag. */
export function argOf(setting: Declared, group: FlagGroup): FlagDef {
  const { kind, alias, help, off } = setting;
  const shared = { group, description: helpOf(setting), ...(alias === undefined ? {} : { alias }) };
  if (kind.is !== "switch") {
    const choices = kind.is === "choice" ? kind.of : [];
    const { otherwise = setting.default } = setting;
    const told = otherwise === undefined ? {} : { otherwise: String(otherwise) };
    return { type: "string", ...shared, choices, ...told, valueHint: hintOf(setting) };
  }
  if (setting.default !== true) return { type: "boolean", ...shared };
  return { type: "boolean", default: true, ...shared, negativeDescription: off ?? help };
}

function helpOf(setting: Declared): string {
  const none = setting.kind.is === "limit" ? ", or none" : "";
  return `${meaningOf(setting)}${none}`;
}

const HINTS: Readonly<Record<string, string>> = { "US dollars": "usd", seconds: "s", MiB: "mib" };

function hintOf({ flag = "", hint, kind, unit = "" }: Declared): string {
  if (hint !== undefined) return hint;
  if (kind.is === "file") return "file";
  return HINTS[unit] ?? (kind.is === "whole" || kind.is === "number" ? "n" : flag);
}

/** The flag's value, as a study would write it. Throws UsageError for a value of another kind. */
export function readFlag(setting: Declared, given: unknown): unknown {
  if (given === undefined) return undefined;
  const { kind, flag = "", alias } = setting;
  const on = setting.default !== true;
  if (kind.is === "switch") return given === on ? given : undefined;
  return readText(kind, alias === undefined ? `--${flag}` : `-${alias}`, String(given));
}

function readText(kind: Kind, flag: string, given: string): unknown {
  switch (kind.is) {
    case "whole":
      return wholeNumber(flag, given, kind.min);
    case "number":
      return positiveNumber(flag, given);
    case "limit":
      return given === "none" ? given : positiveNumber(flag, given);
    case "pause":
      return Number(given) === 0 ? 0 : positiveNumber(flag, given, LONGEST_SECONDS);
    case "seconds":
      return positiveNumber(flag, given, LONGEST_SECONDS);
    case "choice":
      if (kind.of.includes(given)) return given;
      throw new UsageError(unknownName(flag.replace(/^--?/, ""), given, kind.of));
    case "choices":
      throw new TypeError(`${flag}: lists are for studies`);
    default:
      return given;
  }
}
