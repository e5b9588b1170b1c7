// Owns the flags of `completion`.

import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const COMPLETION_FLAGS = {
  debug: COMMON_ARGS.debug,
} as const satisfies FlagsDef;
