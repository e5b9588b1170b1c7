// Owns the flags and words of `ctl`.
import type { FlagsDef } from "../flag-forms.ts";
import type { Words } from "../help.ts";
import { COMMON_ARGS } from "../step.ts";

export const CTL_WORDS: Words = {
  usage: "[NAME] [VERB] [KEY]...",
  meaning:
    "a study (or its file) or a run; pause, resume or cancel; keys of attempts, or of pairs in all its runs, and `-` reads keys from standard input. Without a verb and -c: what was asked",
  complete: ["pause", "resume", "cancel"],
};

export const CTL_FLAGS = {
  concurrency: {
    type: "string",
    alias: "c",
    description: "attempts at a time, from now on",
    valueHint: "n",
  },
  arm: {
    type: "string",
    description: "only this arm of a study (may be repeated)",
    group: "units",
    valueHint: "name",
  },
  ...COMMON_ARGS,
} as const satisfies FlagsDef;

/** A call that asks for nothing reads the ledger, and never writes. */
export function looksOnly({ _: words, concurrency }: Readonly<Record<string, unknown>>) {
  const asks = concurrency !== undefined || (Array.isArray(words) && words.length > 1);
  return asks ? undefined : "read";
}
