// Owns the flags of `run-pair`.
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import { ENGINE_ARGS } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { MODEL_ARGS } from "../models.ts";
import { CONFIG_ARGS } from "../run-config.ts";
import { SANDBOX_ARGS } from "../sandbox.ts";
import { argsOf } from "../settings.ts";
import { COMMON_ARGS } from "../step.ts";

export const AMOUNTS = ["tries", "concurrency"] as const;

export const RUN_PAIR_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  ...CONFIG_ARGS,
  ...MODEL_ARGS,
  ...argsOf(AMOUNTS),
  ...ENGINE_ARGS,
  ...WORK_ARGS,
  ...SANDBOX_ARGS,
  ...PLACE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
