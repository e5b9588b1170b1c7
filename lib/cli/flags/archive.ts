// Owns the flags of `archive`.
import type { ArgsDef } from "citty";
import { PLACE_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const ARCHIVE_FLAGS = {
  out: {
    type: "string",
    alias: "o",
    description: "file to write (default: RUN.tandem.tar.zst)",
    valueHint: "file",
  },
  force: { type: "boolean", description: "replace the file if it exists" },
  restore: { type: "string", description: "restore the runs of this archive", valueHint: "file" },
  list: { type: "string", description: "list what is in this archive", valueHint: "file" },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
