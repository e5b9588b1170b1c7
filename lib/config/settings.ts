// Owns the table of settings: flags, study keys, frozen configurations and documents derive from it.
import { ARM_SETTINGS } from "./arm-settings.ts";
import { type Value, valueFrom, type Written } from "./kinds.ts";
import type { Setting, Settings } from "./setting.ts";
import { STUDY_SETTINGS } from "./study-settings.ts";

export const SETTINGS = { ...ARM_SETTINGS, ...STUDY_SETTINGS };

export type SettingName = keyof typeof SETTINGS;
export type RowOf<Name extends SettingName> = (typeof SETTINGS)[Name];
/** The library's value of a setting. */
export type ValueOf<Name extends SettingName> = Value<RowOf<Name>["kind"]>;
/** The value as studies and flags have it. */
export type WrittenOf<Name extends SettingName> = Written<RowOf<Name>["kind"]>;
/** Names of the rows that have these properties. */
export type NamesWith<Properties> = {
  [Name in SettingName]: RowOf<Name> extends Properties ? Name : never;
}[SettingName];

/** Settings as options of the library; what is absent has its default. */
export type Options<Name extends SettingName> = {
  readonly [N in Name]?: ValueOf<N> | undefined;
};

/** The rows of a table that meet a condition, in its order. */
export function rowsOf(
  settings: Settings,
  wanted: (setting: Setting) => boolean,
): [name: string, setting: Setting][] {
  return Object.entries(settings).filter(([, setting]) => wanted(setting));
}

/** The setting's name in its section of a study. */
export function studyKey(name: string, { key }: Setting): string {
  return key ?? name;
}

/** The library's value of a setting when none is given. */
export function defaultValue<Name extends NamesWith<{ readonly default: unknown }>>(
  name: Name,
): ValueOf<Name> {
  const setting: Setting = SETTINGS[name];
  return valueFrom(setting.kind, setting.default) as ValueOf<Name>;
}
