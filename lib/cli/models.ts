// Owns the flags about models and messages that may change between calls of a run, and printing what happens.
import type { GatewayEvent } from "../model/gateway-options.ts";
import type { Output } from "./output.ts";
import { argsOf, valuesOf } from "./settings.ts";

const NAMES = [
  "same_server",
  "budget_usd",
  "prices_file",
  "model_calls",
  "max_outage_ms",
  "redis",
] as const;

/** Flags that may change from call to call of one run. */
export const MODEL_ARGS = argsOf(NAMES);

/** The options that the flags name. Throws UsageError. */
export function modelOptions(flags: object) {
  return valuesOf(NAMES, { ...flags });
}

/** Retries get at most one line in this time; the first is printed at once. */
const SILENCE_MS = 30_000;
type Told = { at: number; left_out: number };
const told = new WeakMap<Output, Told>();

function sayRetry(out: Output, { message, wait_ms }: Extract<GatewayEvent, { kind: "retry" }>) {
  const before = told.get(out);
  if (before !== undefined && Date.now() - before.at < SILENCE_MS) {
    before.left_out++;
    return;
  }
  told.set(out, { at: Date.now(), left_out: 0 });
  const more =
    before === undefined || before.left_out === 0 ? "" : ` (and ${before.left_out} more)`;
  out.say(`${message}: trying again in ${Math.ceil(wait_ms / 1000)} s${more}`);
}

/** Prints what a researcher would want to know while it happens. */
export function sayEvent(out: Output, event: GatewayEvent): void {
  if (event.kind === "divergence") {
    const { attempt_key } = event.caller;
    const { agent_id, seq, what } = event.divergence;
    out.warn(
      `${attempt_key}: the replay diverges from the recording at ${agent_id}'s call ${seq}: ${what}`,
    );
  }
  if (event.kind === "cut prompt") {
    const { attempt_key, agent_id } = event.caller;
    const window = event.window_tokens.toLocaleString("en");
    out.warn(
      `${attempt_key}: the server seems to cut ${agent_id}'s prompts to about ${window} tokens: older turns no longer reach the model`,
    );
  }
  if (event.kind === "retry") sayRetry(out, event);
  if (event.kind === "limit") out.say(`at most ${event.limit} model calls at a time from now on`);
  if (event.kind === "damaged cache file")
    out.warn(`${event.path} is damaged: the model is asked again`);
}
