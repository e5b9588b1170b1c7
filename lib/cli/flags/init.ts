// Owns the flags of `init`.
import type { ArgsDef } from "citty";
import { COMMON_ARGS } from "../step.ts";

const { json, quiet, debug } = COMMON_ARGS;

export const INIT_FLAGS = {
  force: { type: "boolean", description: "replace the file if it exists" },
  ...{ json, quiet, debug },
} as const satisfies ArgsDef;
