// Owns the flags of `export-logs`.
import type { ArgsDef } from "citty";
import { FILTER_ARGS, PLACE_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const EXPORT_LOGS_FLAGS = {
  out: { type: "string", alias: "o", description: "folder to write to", valueHint: "folder" },
  form: {
    type: "string",
    description:
      "released (as CooperBench's program writes it) or documented (as Tandem's docs describe it)",
    valueHint: "form",
    default: "released",
  },
  force: { type: "boolean", description: "overwrite what an earlier export left" },
  ...FILTER_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
