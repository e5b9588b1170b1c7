// Owns the flags and words of `annotate`.
import { MEASURE_FLAGS } from "../../labels/taxonomy.ts";
import type { FlagsDef } from "../flag-forms.ts";
import type { Words } from "../help.ts";
import { COMMON_ARGS } from "../step.ts";

export const ANNOTATE_WORDS: Words = {
  usage: "[KEY]",
  meaning: "a finished attempt; without --label, --note and --remove: what people said is listed",
};

export const ANNOTATE_FLAGS = {
  name: {
    type: "string",
    alias: "n",
    description: "list only these runs",
    valueHint: "run,run",
    group: "units",
  },
  message: {
    type: "string",
    description: "number of the message that it is about",
    otherwise: "the attempt",
    valueHint: "n",
    group: "units",
  },
  measure: {
    type: "string",
    description: "what the label answers, so that a model's can be compared with it",
    otherwise: "the label is your own",
    choices: MEASURE_FLAGS,
    valueHint: "measure",
  },
  label: {
    type: "string",
    description: "with --measure one of its labels, or `none`; else any short text",
    valueHint: "label",
  },
  note: { type: "string", description: "what there is to say", valueHint: "text" },
  by: {
    type: "string",
    description: "who says it",
    otherwise: "user and host",
    valueHint: "name",
  },
  remove: {
    type: "string",
    description: "take back your annotation of this number, as the list has it",
    valueHint: "id",
  },
  ...COMMON_ARGS,
} as const satisfies FlagsDef;

/** A call that keeps nothing reads the ledger, and never writes. */
export function listsOnly({ label, note, remove }: Readonly<Record<string, unknown>>) {
  return [label, note, remove].every((one) => one === undefined) ? "read" : undefined;
}
