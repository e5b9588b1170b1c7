// Owns the flags of `retry`.
import { AGENT_OUTCOMES, OUTCOMES } from "../../core/vocabulary.ts";
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const RETRY_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  outcome: {
    type: "string",
    description: "attempts with these outcomes, comma-separated: failed,conflict,limit reached,…",
    otherwise: "faults",
    complete: [...new Set([...OUTCOMES, ...AGENT_OUTCOMES])],
    valueHint: "list",
  },
  fault: {
    type: "string",
    description: "only faults with these codes, comma-separated: engine_gone,provider_down,…",
    valueHint: "list",
  },
  "dry-run": WORK_ARGS["dry-run"],
  "log-dir": PLACE_ARGS["log-dir"],
  "dataset-dir": PLACE_ARGS["dataset-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
