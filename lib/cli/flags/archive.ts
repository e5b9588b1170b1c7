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
  force: { type: "boolean", description: "replace the file when it is there" },
  restore: { type: "string", description: "put the runs of this archive back", valueHint: "file" },
  list: { type: "string", description: "show what is inside this archive", valueHint: "file" },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
