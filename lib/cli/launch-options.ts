// Owns the flags of launchers' settings: made from their tables, and read back as the values of the launcher that is named.
import { valueFrom } from "../config/kinds.ts";
import { defined } from "../core/defined.ts";
import { UsageError } from "../core/fault.ts";
import { orList } from "../core/text.ts";
import type { LaunchOption } from "../launch/options.ts";
import {
  type AllOptions,
  LAUNCHER_NAMES,
  LAUNCHERS,
  type LauncherName,
} from "../launch/registry.ts";
import type { FlagsDef } from "./flag-forms.ts";
import { argOf, readFlag } from "./settings.ts";

/** Every row once, with the launchers that take it where not all do. */
const ROWS: ReadonlyMap<string, LaunchOption> = new Map(
  Object.values(LAUNCHERS).flatMap(({ options }) =>
    Object.entries<LaunchOption>(options).map(([name, row]) => [
      name,
      { ...row, backends: takersOf(name) },
    ]),
  ),
);

function takersOf(name: string): string[] {
  const takers = LAUNCHER_NAMES.filter((launcher) => name in LAUNCHERS[launcher].options);
  return takers.length === LAUNCHER_NAMES.length ? [] : takers;
}

export const LAUNCHER_ARGS: FlagsDef = Object.fromEntries(
  [...ROWS.values()].map((row) => [row.flag, argOf(row, "work")]),
);

/** The options of the launcher. Throws UsageError, also for a flag of another one. */
export function launcherOptions(launcher: LauncherName, flags: Readonly<Record<string, unknown>>) {
  const values = [...ROWS].map(
    ([name, row]) => [name, valueFrom(row.kind, readFlag(row, flags[row.flag]))] as const,
  );
  const given = defined(Object.fromEntries(values));
  const lost = [...ROWS].find(([name]) => name in given && !(name in LAUNCHERS[launcher].options));
  if (lost !== undefined) {
    const [, { flag, backends = [] }] = lost;
    throw new UsageError(`--${flag} is for ${orList(backends)}, not for ${launcher}`);
  }
  return given as AllOptions;
}
