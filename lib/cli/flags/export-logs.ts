// Owns the flags of `export-logs`.
import type { ArgsDef } from "citty";
import { FILTER_ARGS, PLACE_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const EXPORT_LOGS_FLAGS = {
  out: { type: "string", alias: "o", description: "folder to write to", valueHint: "folder" },
  form: {
    type: "string",
    description: "released (the program's) or documented (ours)",
    valueHint: "form",
    default: "released",
  },
  force: { type: "boolean", description: "write over what an earlier export left" },
  ...FILTER_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
