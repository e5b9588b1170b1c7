// Owns the flags of `check-ledger`.
import { NAME_ARG, PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const CHECK_LEDGER_FLAGS = {
  ...NAME_ARG,
  quick: {
    type: "boolean",
    description: "check only that files exist and their sizes, not their hashes",
  },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
