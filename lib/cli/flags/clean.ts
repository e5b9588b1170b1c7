// Owns the flags of `clean`.
import { SETTINGS } from "../../config/settings.ts";
import { PLACE_ARGS, WORK_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS } from "../sandbox.ts";
import { COMMON_ARGS } from "../step.ts";

export const CLEAN_FLAGS = {
  all: {
    type: "boolean",
    description: "remove also what running processes use in the engine, which makes them fail",
  },
  backend: {
    type: "string",
    description: "look only at this backend, and at the folders",
    otherwise: "all backends",
    complete: SETTINGS.backend.kind.of,
    valueHint: "backend",
  },
  engines: SANDBOX_ARGS.engines,
  "dry-run": WORK_ARGS["dry-run"],
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
