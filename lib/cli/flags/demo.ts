// Owns the flags of `demo`.
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const DEMO_FLAGS = {
  force: { type: "boolean", description: "run everything again" },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
