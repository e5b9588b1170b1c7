// Owns saying what is wrong with a file that people write: in plain words, at the place where it was written.

import type { z } from "zod";
import { UsageError } from "./fault.ts";
import { near } from "./nearest.ts";
import type { Shape } from "./shape.ts";
import { cut, noun, orList } from "./text.ts";
import { isTable, type Path, type Table } from "./toml.ts";

/** `at` says whether to look at its key's line or its value's. */
export type Problem = {
  readonly path: Path;
  readonly at: "key" | "value";
  readonly message: string;
};
/** Where the value at a path was written: a line of the file, or a `--set` of the command line. */
export type Place = { readonly line: number } | { readonly set: string };

const SHOWN = 60;
/** This many keys are listed when none of them is similar. */
const LISTED = 8;
const BARE = /^[A-Za-z0-9_-]+$/;
const SECRET_WORDS = /key$|token|secret|password/i;

/** `arms.coop.setting`, `reports[0].path`; names that TOML would quote are quoted. */
export function pathText(path: Path): string {
  return path
    .map((part) =>
      typeof part === "number" ? `[${part}]` : `.${BARE.test(part) ? part : JSON.stringify(part)}`,
    )
    .join("")
    .replace(/^\./, "");
}

/** One line: the first problem by its place in the file (those of the command line last), and how many more there are. */
export function problemError(
  file: string,
  problems: readonly Problem[],
  placeOf: (problem: Problem) => Place,
): UsageError {
  const placed = problems.map((problem) => {
    const place = placeOf(problem);
    return "line" in place
      ? { line: place.line, text: `${file}:${place.line}: ${problem.message}` }
      : {
          line: Number.POSITIVE_INFINITY,
          text: `--set ${cut(place.set, SHOWN)}: ${problem.message}`,
        };
  });
  // What is wrong in [defaults] is wrong in every arm: it is reported once.
  const texts = [
    ...new Set(placed.sort((a, b) => compare(a.line, b.line)).map(({ text }) => text)),
  ];
  const more = texts.length > 1 ? ` (and ${texts.length - 1} more)` : "";
  return new UsageError(oneLine(`${texts[0] ?? `${file}: something in it is wrong`}${more}`));
}

const compare = (a: number, b: number) => (a === b ? 0 : a - b);

/** Control characters would break the line, or do worse to a terminal. */
function oneLine(words: string): string {
  return words.replaceAll(/\p{Cc}+/gu, " ");
}

type Issues = { readonly issues: readonly z.core.$ZodIssue[] };

/** What a whole file has, and the shape that it may have. */
export type Given = { readonly value: Table; readonly shape: Shape };

/** What the schema found, as text; `inside` is the path of what it looked at. */
export function shapeProblems(error: Issues, given: Given, inside: Path = []): Problem[] {
  const { value, shape } = given;
  return error.issues.flatMap((issue): Problem[] => {
    const own = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    const path = [...inside, ...own];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: "key",
        message: unknownKey(key, path, shape),
      }));
    const inner = branchOf(issue);
    if (inner !== undefined) return shapeProblems(inner, given, path);
    const found = valueAt(value, path);
    if (found === undefined)
      return [{ path: path.slice(0, -1), at: "key", message: `${pathText(path)} is missing` }];
    return [{ path, at: "value", message: `${pathText(path)} ${wrong(issue, found)}`.trimStart() }];
  });
}

/**
 * For a union without its own message: what keeps the value from being the first of its forms that has the value's
 * kind.
 */
function branchOf(issue: z.core.$ZodIssue): Issues | undefined {
  if (issue.code !== "invalid_union" || issue.message !== "Invalid input") return undefined;
  const issues = issue.errors.find(
    (branch) => !branch.some(({ code, path }) => code === "invalid_type" && path.length === 0),
  );
  return issues && { issues };
}

/** `unknown key "agnet" in arms.coop: did you mean agent?` */
export function unknownKey(key: string, inside: Path, whole: Shape): string {
  const where = inside.length === 0 ? "" : ` in ${pathText(inside)}`;
  const what = `unknown key ${JSON.stringify(cut(key, SHOWN))}${where}`;
  if (SECRET_WORDS.test(key)) return `${what}: keys belong in the environment or .env`;
  const names = Object.keys(shapeAt(whole, inside)?.keys ?? {});
  const elsewhere = sectionsWith(key, whole).filter((section) => section !== inside[0]);
  const best = elsewhere[0] === undefined ? near(cut(key, SHOWN), names) : `${elsewhere[0]}.${key}`;
  if (best !== undefined) return `${what}: did you mean ${best}?`;
  const few = names.length > 0 && names.length <= LISTED;
  return few ? `${what} (it may have ${names.join(", ")})` : what;
}

/** Sections of the file that have a key of exactly this name. */
function sectionsWith(key: string, whole: Shape): string[] {
  return Object.entries(whole.keys ?? {}).flatMap(([name, section]) =>
    section.keys !== undefined && Object.hasOwn(section.keys, key) ? [name] : [],
  );
}

/** The shape of what may stand at a path; undefined when nothing may. */
export function shapeAt(whole: Shape, path: Path): Shape | undefined {
  return path.reduce<Shape | undefined>((shape, part) => {
    if (typeof part === "number") return shape?.items;
    if (shape?.keys !== undefined && Object.hasOwn(shape.keys, part)) return shape.keys[part];
    return shape?.named;
  }, whole);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => {
    if (Array.isArray(at) && typeof part === "number") return at[part];
    return isTable(at) ? at[part] : undefined;
  }, value);
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text in quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a table",
  record: "a table",
};

function wrong(issue: z.core.$ZodIssue, given: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${valueText(given)}`;
    case "invalid_value": {
      const words = issue.values.map(String);
      const best = typeof given === "string" ? near(cut(given, SHOWN), words) : undefined;
      const hint = best === undefined ? "" : `: did you mean ${best}?`;
      return `must be ${orList(words)}, not ${valueText(given)}${hint}`;
    }
    case "too_small": {
      if (issue.origin === "string") return "must not be empty";
      const least = issue.inclusive ? `at least ${issue.minimum}` : `above ${issue.minimum}`;
      if (issue.origin === "array")
        return `must have ${least} ${noun(Number(issue.minimum), "entry", "entries")}`;
      return `must be ${least}, not ${valueText(given)}`;
    }
    case "too_big":
      return `must be at most ${issue.maximum}, not ${valueText(given)}`;
    case "invalid_union":
      return `${issue.message}, not ${valueText(given)}`;
    default:
      return issue.message;
  }
}

function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value, SHOWN));
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  return isTable(value) ? "a table" : String(value);
}
