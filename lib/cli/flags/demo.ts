// Owns the flags of `demo`.
import type { ArgsDef } from "citty";
import { PLACE_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const DEMO_FLAGS = {
  force: { type: "boolean", description: "run everything again" },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
