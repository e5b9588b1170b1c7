// Owns the flags of `docs`.

import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

export const DOCS_FLAGS = {
  write: { type: "boolean", description: "write the generated pages into the project's docs" },
  out: {
    group: "output",
    type: "string",
    alias: "o",
    description: "write the generated pages into this folder",
    valueHint: "folder",
  },
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
