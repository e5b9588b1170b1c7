// Owns the flags of `completion`.
import type { ArgsDef } from "citty";
import { COMMON_ARGS } from "../step.ts";

export const COMPLETION_FLAGS = {
  debug: COMMON_ARGS.debug,
} as const satisfies ArgsDef;
