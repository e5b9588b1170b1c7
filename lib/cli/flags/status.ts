// Owns the flags of `status`.
import { NAME_ARG } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const INTERVAL_S = 2;

export const STATUS_FLAGS = {
  ...NAME_ARG,
  watch: { type: "boolean", description: "refresh until Ctrl-C (exit 130)" },
  interval: {
    type: "string",
    description: `seconds between refreshes`,
    otherwise: `${INTERVAL_S}`,
    valueHint: "s",
  },
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
