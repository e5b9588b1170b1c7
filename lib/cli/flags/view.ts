// Owns the flags of `view`.
import { DEFAULT_POLICY, POLICIES } from "../../core/vocabulary.ts";
import { PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { COMMON_ARGS } from "../step.ts";

/** A secret is never a flag: those are seen in lists of processes. */
export const TOKEN_VARIABLE = "TANDEM_VIEW_TOKEN";

export const VIEW_FLAGS = {
  name: { type: "string", alias: "n", description: "only these runs", valueHint: "run,run" },
  port: {
    type: "string",
    description: "port to listen on; 0 takes a free one",
    valueHint: "n",
    default: "8017",
  },
  host: {
    type: "string",
    description: "address to listen on",
    valueHint: "address",
    default: "127.0.0.1",
  },
  policy: {
    type: "string",
    description: "which trees may pass, and whose verdict",
    choices: POLICIES,
    valueHint: "policy",
    default: DEFAULT_POLICY,
  },
  steer: {
    type: "boolean",
    description: `with the token that is printed (or that ${TOKEN_VARIABLE} holds) the pages pause, resume, cancel and retry, and keep people's labels and notes`,
  },
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
