// Owns the settings of backends: the rows that the registry of backends declares, each with the backends that take it.
import { BACKENDS, type Both } from "../sandbox/registry.ts";
import type { Setting, Settings } from "./setting.ts";

type Rows = (typeof BACKENDS)[keyof typeof BACKENDS]["options"];
type Declared = Readonly<Record<string, { readonly options: Settings }>>;

/** One row for each setting of these backends; those that all of them take come last and name none. */
export function backendSettings(backends: Declared): Settings {
  const names = Object.keys(backends);
  const rows = new Map(Object.values(backends).flatMap(({ options }) => Object.entries(options)));
  const withNames = [...rows].map(([name, row]): [string, Setting] => {
    const takers = names.filter((backend) => name in (backends[backend]?.options ?? {}));
    return [name, { ...row, backends: takers.length === names.length ? [] : takers }];
  });
  const isShared = ([, { backends: takers = [] }]: [string, Setting]) => takers.length === 0;
  return Object.fromEntries([
    ...withNames.filter((row) => !isShared(row)),
    ...withNames.filter(isShared),
  ]);
}

type Taken<All> = { readonly [Name in keyof All]: All[Name] & Pick<Required<Setting>, "backends"> };
export const BACKEND_SETTINGS = backendSettings(BACKENDS) as Taken<Both<Rows>>;

/** Whether a backend takes the setting; all do if the setting names no backend. */
export function isTaken({ backends = [] }: Setting, backend: string): boolean {
  return backends.length === 0 || backends.includes(backend);
}
