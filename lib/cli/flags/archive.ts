// Owns the flags of `archive`.
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const ARCHIVE_FLAGS = {
  out: {
    group: "output",
    type: "string",
    alias: "o",
    description: "file to write",
    otherwise: "RUN.tandem.tar.zst",
    valueHint: "file",
  },
  force: { type: "boolean", description: "replace the file if it exists" },
  restore: { type: "string", description: "restore the runs of this archive", valueHint: "file" },
  list: { type: "string", description: "list what is in this archive", valueHint: "file" },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
