// Owns the flags of `docs`.
import type { ArgsDef } from "citty";
import { COMMON_ARGS } from "../step.ts";

export const DOCS_FLAGS = {
  out: {
    type: "string",
    alias: "o",
    description: "folder to write into (default: the project's docs)",
    valueHint: "folder",
  },
  ...COMMON_ARGS,
} as const satisfies ArgsDef;
