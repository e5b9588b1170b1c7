// Owns the flags of `eval`.
import { WIDTHS } from "../../config/widths.ts";
import { DERIVED_POLICIES, ERAS } from "../../core/vocabulary.ts";
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import { ENGINE_ARGS, REDIS_ARG } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS, SUITE_ARGS } from "../sandbox.ts";
import { COMMON_ARGS } from "../step.ts";

export const EVAL_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  concurrency: {
    type: "string",
    alias: "c",
    description: "attempts at a time",
    valueHint: "n",
    default: String(WIDTHS.eval),
  },
  policies: {
    type: "string",
    description: "policies to judge under, comma-separated; fewer need fewer suites",
    otherwise: DERIVED_POLICIES.join(", "),
    complete: DERIVED_POLICIES,
    valueHint: "list",
  },
  compat: {
    type: "string",
    description:
      "give the verdict of this version of CooperBench instead, kept next to Tandem's own",
    choices: ERAS,
    valueHint: "version",
  },
  ...SUITE_ARGS,
  ...WORK_ARGS,
  ...SANDBOX_ARGS,
  ...PLACE_ARGS,
  ...REDIS_ARG,
  ...ENGINE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
