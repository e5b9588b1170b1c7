// Owns the flags of `clean`.
import type { ArgsDef } from "citty";
import { PLACE_ARGS, WORK_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const CLEAN_FLAGS = {
  all: {
    type: "boolean",
    description: "remove also what running processes use in the engine, which makes them fail",
  },
  backend: {
    type: "string",
    description: "look only at this backend, and at the folders (default: all backends)",
    valueHint: "backend",
  },
  "dry-run": WORK_ARGS["dry-run"],
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
