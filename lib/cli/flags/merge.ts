// Owns the flags of `merge`.
import { WIDTHS } from "../../config/widths.ts";
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS } from "../sandbox.ts";
import { COMMON_ARGS } from "../step.ts";

export const MERGE_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  concurrency: {
    type: "string",
    alias: "c",
    description: "git processes at a time",
    valueHint: "n",
    default: String(WIDTHS.merge),
  },
  ...WORK_ARGS,
  backend: SANDBOX_ARGS.backend,
  registry: SANDBOX_ARGS.registry,
  "image-template": SANDBOX_ARGS["image-template"],
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
