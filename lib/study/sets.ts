// Owns `--set a.b=c`: values of the command line over those of a study's file.
import { UsageError } from "../core/fault.ts";
import { near } from "../core/nearest.ts";
import { pathText, unknownKey } from "../core/problems.ts";
import type { Shape } from "../core/shape.ts";
import { isTable, type Path, parseToml, type Table, TomlError } from "../core/toml.ts";
import { studyShape } from "./schema.ts";

export type Sets = {
  /** The argument of the command line that the value at a path comes from; undefined when the file has it. */
  readonly originOf: (path: Path) => string | undefined;
};

/**
 * Writes the values into the table, later ones over earlier ones. A value is read as TOML, else (and where only a text
 * can stand: `dataset.revision=1e5`) taken as the text it is. Throws UsageError for a path that a study cannot have,
 * naming the nearest one that it can.
 */
export function applySets(value: Table, sets: readonly string[]): Sets {
  if (sets.length === 0) return { originOf: () => undefined };
  const shape = studyShape();
  const origins = new Map<string, string>();
  for (const set of sets) {
    const path = applied(value, set, shape);
    origins.set(JSON.stringify(path), set);
  }
  return {
    originOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const set = origins.get(JSON.stringify(path.slice(0, length)));
        if (set !== undefined) return set;
      }
      return undefined;
    },
  };
}

function applied(value: Table, set: string, whole: Shape): Path {
  const { names, text } = split(set);
  const refuse = (problem: string) =>
    new UsageError(`--set ${names.join(".")}=…: ${problem}`.replaceAll(/\p{Cc}+/gu, " "));
  const path: (string | number)[] = [];
  let at: unknown = value;
  let shape = whole;
  for (const [index, name] of names.entries()) {
    const step = into({ at, shape, whole, path, name });
    if ("problem" in step) throw refuse(step.problem);
    path.push(step.part);
    shape = step.shape;
    if (index === names.length - 1) step.write(givenValue(text, shape));
    else at = step.open();
  }
  return path;
}

type Here = {
  readonly at: unknown;
  readonly shape: Shape;
  readonly whole: Shape;
  readonly path: Path;
  readonly name: string;
};
type Step = {
  readonly part: string | number;
  readonly shape: Shape;
  readonly write: (value: unknown) => void;
  /** What is there, created if absent. */
  readonly open: () => unknown;
};

/** One name further along a path, or what is wrong with it. */
function into({ at, shape, whole, path, name }: Here): Step | { readonly problem: string } {
  if (shape.items !== undefined) {
    const list = Array.isArray(at) ? at : [];
    const part = Number(name);
    if (!/^\d+$/.test(name) || part >= list.length)
      return { problem: `${pathText(path)} has no entry ${name}` };
    const write = (value: unknown) => {
      list[part] = value;
    };
    return { part, shape: shape.items, write, open: () => list[part] };
  }
  if (!isTable(at)) return { problem: `${pathText(path)} is not a table` };
  const inner = shape.keys ? own(shape.keys, name) : shape.named;
  if (inner === undefined)
    return {
      problem: shape.keys ? unknownKey(name, path, whole) : `${pathText(path)} is not a table`,
    };
  if (shape.keys === undefined && !Object.hasOwn(at, name)) return { problem: noArm(name, at) };
  const write = (value: unknown) => {
    at[name] = value;
  };
  const open = () => {
    at[name] ??= Object.create(null);
    return at[name];
  };
  return { part: name, shape: inner, write, open };
}

function noArm(name: string, arms: Table): string {
  const best = near(name, Object.keys(arms));
  const hint = best === undefined ? "" : `: did you mean ${best}?`;
  return `the study has no arm ${JSON.stringify(name)}${hint}`;
}

function own(keys: Readonly<Record<string, Shape>>, name: string): Shape | undefined {
  return Object.hasOwn(keys, name) ? keys[name] : undefined;
}

/** At the first `=` after a TOML key: names of arms may hold one in quotes. */
function split(set: string): { readonly names: readonly string[]; readonly text: string } {
  for (let at = set.indexOf("="); at > 0; at = set.indexOf("=", at + 1)) {
    const names = keysOf(set.slice(0, at));
    if (names !== undefined) return { names, text: set.slice(at + 1) };
  }
  throw new UsageError(
    `--set takes a key and a value, such as --set arms.coop.tries=3, not ${JSON.stringify(set.slice(0, 60))}`,
  );
}

function keysOf(key: string): string[] | undefined {
  if (/[\n#]/.test(key)) return undefined;
  const names: string[] = [];
  let at: unknown = tomlOf(`${key} = 0`);
  while (isTable(at)) {
    const [name, ...others] = Object.keys(at);
    if (name === undefined || others.length > 0) return undefined;
    names.push(name);
    at = at[name];
  }
  return at === 0 ? names : undefined;
}

function givenValue(text: string, shape: Shape): unknown {
  const parsed = tomlOf(`value = ${text}`);
  const value = parsed && Object.keys(parsed).length === 1 ? parsed.value : undefined;
  return value === undefined || (shape.isText && typeof value !== "string") ? text : value;
}

function tomlOf(text: string): Table | undefined {
  try {
    return parseToml(text).value;
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
