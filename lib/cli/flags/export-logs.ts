// Owns the flags of `export-logs`.
import { FILTER_ARGS, PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const EXPORT_LOGS_FLAGS = {
  out: {
    group: "output",
    type: "string",
    alias: "o",
    description: "folder to write to",
    valueHint: "folder",
  },
  form: {
    type: "string",
    description: "as CooperBench's program writes it, or as Tandem's docs describe it",
    choices: ["released", "documented"],
    valueHint: "form",
    default: "released",
  },
  force: { type: "boolean", description: "overwrite what an earlier export left" },
  ...FILTER_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
