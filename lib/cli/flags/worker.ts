// Owns the flags of `worker`.
import { PLACE_ARGS } from "../args.ts";
import { ARTIFACTS_ARG } from "../engine.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

const { json, quiet, debug } = COMMON_ARGS;

export const WORKER_FLAGS = {
  redis: {
    type: "string",
    group: "work",
    description: "the server of the queue: redis://[user:password@]host[:port], or rediss://",
    valueHint: "url",
  },
  queue: {
    type: "string",
    group: "work",
    description: "name of the queue",
    otherwise: "the only one of the server",
    valueHint: "name",
  },
  concurrency: {
    type: "string",
    alias: "c",
    group: "work",
    description: "units at a time",
    valueHint: "n",
    default: "1",
  },
  name: {
    type: "string",
    group: "work",
    description: "what the worker is called; with --drain: which one is meant",
    otherwise: "the host's name",
    valueHint: "name",
  },
  drain: {
    type: "boolean",
    group: "work",
    description: "tell workers of the queue to finish what they have and end, and do nothing else",
  },
  ...ARTIFACTS_ARG,
  "log-dir": PLACE_ARGS["log-dir"],
  ...{ json, quiet, debug },
} as const satisfies FlagsDef;
