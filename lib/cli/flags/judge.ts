// Owns the flags of `judge`.
import { WIDTHS } from "../../config/widths.ts";
import { DEFAULT_POLICY, POLICIES } from "../../core/vocabulary.ts";
import { MEASURE_FLAGS } from "../../labels/taxonomy.ts";
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../args.ts";
import { ENGINE_ARGS, REDIS_ARG } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { MODEL_ARGS } from "../models.ts";
import { CONFIG_ARGS } from "../run-config.ts";
import { COMMON_ARGS } from "../step.ts";

export const JUDGE_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  model: {
    type: "string",
    alias: "m",
    description: "model that judges: anthropic/…, openai/…, gemini/…, openrouter/…, local/…",
    valueHint: "model",
  },
  "base-url": CONFIG_ARGS["base-url"],
  measures: {
    type: "string",
    description: `what to ask for, comma-separated: ${MEASURE_FLAGS.join(", ")}`,
    otherwise: "all",
    complete: MEASURE_FLAGS,
    valueHint: "list",
  },
  policy: {
    type: "string",
    description: "for failure-symptoms: the policy under which attempts have failed",
    complete: POLICIES,
    valueHint: "policy",
    default: DEFAULT_POLICY,
  },
  agreement: {
    type: "string",
    description:
      "ask no model: compare stored labels with those of this file (CSV or JSON lines), with `annotations` (or `annotations:NAME`, of one person), or with `rules`",
    valueHint: "file",
  },
  budget: {
    type: "string",
    description: "US dollars that all labels of the runs may cost, including earlier calls",
    valueHint: "usd",
  },
  prices: MODEL_ARGS.prices,
  "model-calls": MODEL_ARGS["model-calls"],
  "max-outage": MODEL_ARGS["max-outage"],
  cache: CONFIG_ARGS.cache,
  concurrency: {
    type: "string",
    alias: "c",
    description: "questions at a time",
    valueHint: "n",
    default: String(WIDTHS.label),
  },
  ...WORK_ARGS,
  ...PLACE_ARGS,
  ...REDIS_ARG,
  ...ENGINE_ARGS,
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
