// Owns how flags are declared, and how they are written for people: their names, letters, values and meanings.
import type { ArgDef } from "citty";
import { orList } from "../core/text.ts";

/** What a flag is about: the headings of help, in this order. */
export const FLAG_GROUPS = {
  units: "Which units",
  work: "What is done",
  agents: "Agents and models",
  sandboxes: "Sandboxes and suites",
  places: "Where things are",
  output: "Output",
} as const;
export type FlagGroup = keyof typeof FLAG_GROUPS;

/** A flag as citty parses it, with what help and completion tell of it. */
export type FlagDef = ArgDef & {
  /** `work` when absent. */
  readonly group?: FlagGroup;
  /** The only values that it takes: help lists them. */
  readonly choices?: readonly string[];
  /** Values that completion offers, one by one or in lists, where help says them otherwise or not at all. */
  readonly complete?: readonly string[];
  /** What no value means, where that is not the `default`. */
  readonly otherwise?: string;
  /** The variable of the environment that stands in for it, and what applies without one. */
  readonly environment?: { readonly name: string; readonly usual: string };
};
export type FlagsDef = Readonly<Record<string, FlagDef>>;

/** A flag whose default may stand in the environment. */
export function placeArg(
  about: { description: string; valueHint: string },
  name: string,
  usual: string,
) {
  const value: string = process.env[name] || usual;
  const type = "string" as const;
  return { type, ...about, default: value, environment: { name, usual }, group: "places" as const };
}

export type FlagForm = {
  /** With its dashes: `--name`, or `--no-name` for one that is on by default. */
  readonly flag: string;
  /** Letters without dashes. */
  readonly letters: readonly string[];
  /** What stands for its value in help; absent for a switch. */
  readonly value?: string;
  readonly meaning: string;
  readonly group: FlagGroup;
  /** What applies without it. */
  readonly default?: string | undefined;
  readonly environment?: FlagDef["environment"];
  /** Values to complete; none when any text may follow. */
  readonly values: readonly string[];
};

/** The flags of a command in the order of its declaration. */
export function flagForms(args: FlagsDef): FlagForm[] {
  return Object.entries(args).map(([name, def]) => {
    const { group = "work", choices = [], complete = choices, environment, otherwise } = def;
    const letters = "alias" in def ? [def.alias ?? []].flat() : [];
    const meaning = [def.description ?? "", ...(choices.length > 0 ? [orList(choices)] : [])];
    const shared = { letters, group, environment, values: complete };
    if (def.type !== "boolean") {
      const given = otherwise ?? (def.default === undefined ? undefined : String(def.default));
      const value = def.valueHint ?? name;
      return { flag: `--${name}`, value, meaning: meaning.join(": "), default: given, ...shared };
    }
    const off = def.default === true;
    const said = "negativeDescription" in def ? def.negativeDescription : undefined;
    const flag = off ? `--no-${name}` : `--${name}`;
    return { flag, meaning: (off && said) || meaning.join(": "), ...shared };
  });
}

/** The meaning with what applies without the flag, in the one spelling that help and documents have. */
export function meaningText({ meaning, ...form }: FlagForm, given = form.default): string {
  return given === undefined ? meaning : `${meaning} (default: ${given})`;
}
