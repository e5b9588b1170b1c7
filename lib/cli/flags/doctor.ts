// Owns the flags of `doctor`.
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { SANDBOX_ARGS } from "../sandbox.ts";
import { argsOf } from "../settings.ts";
import { COMMON_ARGS } from "../step.ts";

export const MODEL = ["model", "base_url", "prices_file"] as const;

export const DOCTOR_FLAGS = {
  ...argsOf(MODEL),
  agent: {
    type: "string",
    alias: "a",
    description: "agent program to try for one turn, behind a scripted model",
    valueHint: "agent",
  },
  backend: SANDBOX_ARGS.backend,
  engines: SANDBOX_ARGS.engines,
  redis: {
    type: "string",
    description: "Redis server to look for",
    valueHint: "url",
    default: "redis://127.0.0.1:6379",
  },
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
