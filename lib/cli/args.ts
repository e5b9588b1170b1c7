// Owns the flags that several commands share, and reading numbers and lists out of them.
import { UsageError } from "../core/fault.ts";
import { type FlagsDef, placeArg } from "./flag-forms.ts";
import type { Words } from "./help.ts";

/** Which pairs. */
export const FILTER_ARGS = {
  subset: {
    type: "string",
    group: "units",
    alias: "s",
    description: "only pairs of this subset",
    valueHint: "name",
  },
  repo: {
    type: "string",
    group: "units",
    alias: "r",
    description: "only this repository",
    valueHint: "repo_task",
  },
  task: {
    type: "string",
    group: "units",
    alias: "t",
    description: "only this task",
    valueHint: "id",
  },
  features: {
    type: "string",
    group: "units",
    alias: "f",
    description: "only pairs with exactly these features",
    valueHint: "1,2",
  },
  gradeable: {
    type: "boolean",
    group: "units",
    description:
      "only pairs whose features check-dataset found gradeable (on --backend if given, else on any)",
  },
  edition: {
    type: "string",
    group: "units",
    description: "only this edition of the dataset",
    otherwise: "the current one's pairs, all attempts",
    valueHint: "name",
  },
  limit: { type: "string", group: "units", description: "at most this many units", valueHint: "n" },
} as const satisfies FlagsDef;

export const PLACE_ARGS = {
  "dataset-dir": placeArg(
    { description: "folder of the dataset", valueHint: "folder" },
    "TANDEM_DATASET_DIR",
    "dataset",
  ),
  "log-dir": placeArg(
    { description: "folder of the logs", valueHint: "folder" },
    "TANDEM_LOG_DIR",
    "logs",
  ),
} as const satisfies FlagsDef;

export const NAME_ARG = {
  name: {
    type: "string",
    group: "units",
    alias: "n",
    description: "name of the run",
    valueHint: "run",
  },
} as const satisfies FlagsDef;

export const WORK_ARGS = {
  force: { type: "boolean", description: "do finished units again" },
  "dry-run": { type: "boolean", description: "print what would be done, without doing it" },
} as const satisfies FlagsDef;

/** What a word means to commands that work on keys. */
export const KEY_WORDS: Words = {
  usage: "[KEY]...",
  meaning:
    'keys of pairs or attempts, such as go_chi_task/task26/features_1_2; `-` reads them, or JSON lines with a "key", from standard input',
};

/** A whole number of a flag, or undefined when the flag is absent. Throws UsageError otherwise. */
export function wholeNumber(flag: string, value: string | undefined, min = 0): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= min) return number;
  throw new UsageError(`${flag} takes a whole number of at least ${min}, not "${value}"`);
}

/** A positive decimal number of a flag, at most `most`. Throws UsageError otherwise. */
export function positiveNumber(
  flag: string,
  value: string,
  most = Number.POSITIVE_INFINITY,
): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number > 0 && number <= most) return number;
  const range = number > most ? `of at most ${most}` : "above 0";
  throw new UsageError(`${flag} takes a number ${range}, not "${value}"`);
}

/** `1,2` as ascending numbers. Throws UsageError when one is not a number or is given twice, or when there are fewer than two. */
export function featureNumbers(value: string | undefined): number[] | undefined {
  if (value === undefined) return undefined;
  const numbers = value.split(",").map((part) => wholeNumber("-f", part.trim()) ?? 0);
  if (new Set(numbers).size !== numbers.length)
    throw new UsageError(`-f ${value} names a feature twice`);
  if (numbers.length < 2)
    throw new UsageError(`-f takes two features or more, such as -f 1,2, not "${value}"`);
  return numbers.sort((a, b) => a - b);
}

/** One of a few choices. Throws UsageError naming the nearest. */
export async function oneOf<const T extends string>(
  flag: string,
  value: string,
  choices: readonly T[],
): Promise<T> {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const { unknownName } = await import("../core/nearest.ts");
  throw new UsageError(
    `${flag}: ${unknownName("value", value, choices)} (it takes ${choices.join(", ")})`,
  );
}
