// Owns the flags of `import-logs`.
import { NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const IMPORT_LOGS_FLAGS = {
  ...NAME_ARG,
  prefix: {
    type: "string",
    description: "text to put before the name of every imported run",
    valueHint: "text",
  },
  table: {
    type: "string",
    description: "a published table of outcomes (JSON) instead of a folder",
    valueHint: "file",
  },
  source: {
    type: "string",
    description: "with --table: its name in the ledger",
    valueHint: "name",
  },
  setting: {
    type: "string",
    description: "with --table: the setting of its attempts",
    choices: ["coop", "solo"],
    valueHint: "setting",
    default: "coop",
  },
  ...WORK_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
