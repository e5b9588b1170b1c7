// Owns the schema of settings as a study writes them: one strict table per section, with defaults and help.
import { z } from "zod";
import { type Kind, LONGEST_SECONDS } from "./kinds.ts";
import { meaningOf, type Section, type Setting, type Settings } from "./setting.ts";
import {
  type NamesWith,
  type RowOf,
  rowsOf,
  SETTINGS,
  studyKey,
  type WrittenOf,
} from "./settings.ts";

type KeyOf<Name extends keyof typeof SETTINGS> =
  RowOf<Name> extends {
    readonly key: infer Key extends string;
  }
    ? Key
    : Name;
/** Settings that always have a value: a default that needs something applies only where that is there. */
type Sure = { readonly default: unknown; readonly needs?: never; readonly backends?: never };

/** A section as it is read. Every setting of an arm is optional: those it omits come from [defaults]. */
export type SectionFields<S extends Section> = S extends "arm"
  ? { [Name in NamesWith<{ readonly section: S }> as KeyOf<Name>]?: WrittenOf<Name> | undefined }
  : { [Name in NamesWith<{ readonly section: S } & Sure> as KeyOf<Name>]: WrittenOf<Name> } & {
      [Name in Exclude<NamesWith<{ readonly section: S }>, NamesWith<Sure>> as KeyOf<Name>]?:
        | WrittenOf<Name>
        | undefined;
    };

/** The schema of a section of the table, without the rows that `without` names. */
export function sectionSchema<S extends Section>(
  section: S,
  settings: Settings = SETTINGS,
  without: readonly string[] = [],
): z.ZodType<SectionFields<S>> {
  const rows = rowsOf(settings, (setting) => setting.section === section);
  const fields = rows
    .filter(([name]) => !without.includes(name))
    .map(([name, setting]) => [studyKey(name, setting), fieldSchema(setting)]);
  // The fields come from the table, and so do their types.
  return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodType<SectionFields<S>>;
}

function fieldSchema(setting: Setting): z.ZodType {
  const { kind, section, needs, backends, otherwise, example } = setting;
  const without = otherwise === undefined ? "" : ` (without it: ${otherwise})`;
  const schema = kindSchema(kind).describe(`${meaningOf(setting)}${without}`);
  if (setting.default === undefined)
    return (example === undefined ? schema : schema.meta({ examples: [example] })).optional();
  const sure = section !== "arm" && needs === undefined && backends === undefined;
  return sure
    ? schema.default(setting.default)
    : schema.meta({ default: setting.default }).optional();
}

function kindSchema(kind: Kind): z.ZodType {
  switch (kind.is) {
    case "text":
    case "file":
    case "agent":
      return z.string().min(1);
    case "switch":
      return z.boolean();
    case "choice":
      return z.enum(kind.of);
    case "choices":
      return z.array(z.enum(kind.of)).min(1);
    case "whole":
      return z.int().min(kind.min);
    case "number":
      return z.number().positive();
    case "seconds":
      return z.number().positive().max(LONGEST_SECONDS);
    case "pause":
      return z.number().min(0).max(LONGEST_SECONDS);
    case "limit":
      return z.union([z.number().positive(), z.literal("none")], {
        error: 'must be a number above 0, or "none"',
      });
  }
}
