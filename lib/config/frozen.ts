// Owns which settings a run's frozen configuration keeps, and which of them distinguish two configurations.
import { ownServer } from "../core/host.ts";
import { valueFrom, writtenOf } from "./kinds.ts";
import type { Setting, Settings } from "./setting.ts";
import {
  type NamesWith,
  type Options,
  type RowOf,
  rowsOf,
  SETTINGS,
  studyKey,
  type ValueOf,
} from "./settings.ts";

type FrozenName = NamesWith<{ readonly identity: "always" | "when changed" | "server" }>;
type Requested = NamesWith<{ readonly section: "arm"; readonly identity: string }>;

/** A configuration's values as the library has them; null for settings that have no default and were not given. */
export type Frozen = {
  readonly [Name in FrozenName]: RowOf<Name> extends { readonly default: unknown }
    ? ValueOf<Name>
    : ValueOf<Name> | null;
};
/** The settings of an arm that its configuration is made of, as they are asked for. */
export type FrozenRequest = Options<Requested>;

type Config = Readonly<Record<string, unknown>>;

const isFrozen = ({ identity }: Setting) => identity !== undefined && identity !== "made";

/** The library's value when none is given. */
export function defaultOf(setting: Setting): unknown {
  return setting.default === undefined ? null : valueFrom(setting.kind, setting.default);
}

/** Every frozen setting at its default: also what runs did before the setting was added. */
export function frozenDefaults(settings: Settings = SETTINGS): Readonly<Record<string, unknown>> {
  const rows = rowsOf(settings, isFrozen);
  return Object.fromEntries(rows.map(([name, setting]) => [name, defaultOf(setting)]));
}

/** The given values over the defaults. Null means no limit; undefined is not given. */
export function frozenOf(
  request: Readonly<Record<string, unknown>>,
  settings: Settings = SETTINGS,
): Frozen {
  const defaults = Object.entries(frozenDefaults(settings));
  const frozen = defaults.map(([name, otherwise]) => {
    const value = request[name];
    return [name, value === undefined ? otherwise : value];
  });
  return Object.fromEntries(frozen);
}

/** Only those of these options that belong to a configuration. */
export function frozenRequest(
  options: Readonly<Record<string, unknown>>,
  settings: Settings = SETTINGS,
): FrozenRequest {
  const rows = rowsOf(
    settings,
    ({ section, identity }) => section === "arm" && identity !== undefined,
  );
  return Object.fromEntries(rows.map(([name]) => [name, options[name]]));
}

/** The configuration with only the distinguishing part of its addresses: their hosts, and null for a provider's public one. */
export function withServers(config: Config, settings: Settings = SETTINGS): Config {
  const model = typeof config.model === "string" ? config.model : null;
  const servers = rowsOf(settings, ({ identity }) => identity === "server").flatMap(([name]) => {
    const base_url = config[name];
    return typeof base_url === "string" ? [[name, ownServer({ model, base_url })]] : [];
  });
  return { ...config, ...Object.fromEntries(servers) };
}

/** The configuration as it is hashed: servers by their hosts, without later settings that have their default. */
export function hashedPart(config: Config, settings: Settings = SETTINGS): Config {
  const later = rowsOf(settings, ({ identity }) => identity === "when changed");
  const unchanged = later
    .filter(([name, setting]) => config[name] === undefined || config[name] === defaultOf(setting))
    .map(([name]) => name);
  const told = Object.entries(withServers(config, settings));
  return Object.fromEntries(told.filter(([name]) => !unchanged.includes(name)));
}

/** `max_steps 50`: the settings that differ from their defaults, as a study would write them; some may be omitted. */
export function changedSettings(
  config: Readonly<Record<string, unknown>>,
  without: readonly string[] = [],
  settings: Settings = SETTINGS,
): string[] {
  return rowsOf(settings, isFrozen).flatMap(([name, setting]) => {
    const value = config[name];
    if (without.includes(name) || value === undefined || value === defaultOf(setting)) return [];
    return [`${studyKey(name, setting)} ${writtenOf(setting.kind, value)}`];
  });
}
