// Owns the flags of `clean`.
import type { ArgsDef } from "citty";
import { PLACE_ARGS, WORK_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const CLEAN_FLAGS = {
  all: {
    type: "boolean",
    description: "also what running processes use in the engine: it fails under them",
  },
  backend: {
    type: "string",
    description: "look into this backend alone, beside the folders (default: all)",
    valueHint: "backend",
  },
  "dry-run": WORK_ARGS["dry-run"],
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
