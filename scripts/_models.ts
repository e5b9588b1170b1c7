// Owns the flags about models and messages that may change between calls of a run, and telling what happens.
import type { ArgsDef } from "citty";
import type { GatewayEvent } from "../lib/model/gateway.ts";
import { positiveNumber, wholeNumber } from "./_args.ts";
import type { Output } from "./_output.ts";

/** Flags that may change from call to call of one run. */
export const MODEL_ARGS = {
  budget: {
    type: "string",
    description: "US dollars the whole run may cost, earlier calls included",
    valueHint: "usd",
  },
  prices: {
    type: "string",
    description: "JSON file of prices over the built-in table",
    valueHint: "file",
  },
  "model-calls": {
    type: "string",
    description: "model calls at a time (default: 32; lowered by itself on rate limits)",
    valueHint: "n",
  },
  redis: {
    type: "string",
    description: "messages over Redis: a URL, or auto for a server of our own",
    valueHint: "url",
  },
} as const satisfies ArgsDef;

type ModelFlags = { readonly [name in keyof typeof MODEL_ARGS]?: string | undefined };

/** The options that the flags name. Throws UsageError. */
export function modelOptions(flags: ModelFlags) {
  return {
    budget_usd: flags.budget === undefined ? undefined : positiveNumber("--budget", flags.budget),
    prices_file: flags.prices,
    model_calls: wholeNumber("--model-calls", flags["model-calls"], 1),
    redis: flags.redis,
  };
}

/** Says what a researcher would want to know while it happens. */
export function sayEvent(out: Output, event: GatewayEvent): void {
  if (event.kind === "divergence") {
    const { attempt_key } = event.caller;
    const { agent_id, seq, what } = event.divergence;
    out.warn(
      `${attempt_key}: the replay goes another way from ${agent_id}'s call ${seq} on: ${what}`,
    );
  }
  if (event.kind === "damaged cache file")
    out.warn(`${event.path} is damaged: the answer is asked for again`);
}
