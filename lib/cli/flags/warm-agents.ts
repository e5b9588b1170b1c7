// Owns the flags of `warm-agents`.
import type { ArgsDef } from "citty";
import { PLACE_ARGS } from "../args.ts";
import { COMMON_ARGS } from "../step.ts";

export const WARM_AGENTS_FLAGS = {
  libc: {
    type: "string",
    description: "C library of the images: glibc or musl (default: this machine's)",
    valueHint: "libc",
  },
  python: {
    type: "string",
    description: "Python of the images, such as 3.11 (default: this machine's)",
    valueHint: "version",
  },
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
