// Owns the flags of `warm-agents`.
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

const { json, quiet, debug } = COMMON_ARGS;

export const WARM_AGENTS_FLAGS = {
  libc: {
    type: "string",
    description: "C library of the images",
    choices: ["glibc", "musl"],
    otherwise: "this machine's",
    valueHint: "libc",
  },
  python: {
    type: "string",
    description: "Python of the images, such as 3.11, or none",
    otherwise: "this machine's",
    valueHint: "version",
  },
  "log-dir": PLACE_ARGS["log-dir"],
  ...{ json, quiet, debug },
} as const satisfies FlagsDef;
