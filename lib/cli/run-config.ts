// Owns the flags that decide what attempts do, and reading them.
import type { ConfigRequest } from "../stages/config.ts";
import { argsOf, flagged, valuesOf } from "./settings.ts";

/** Settings of an arm that are not part of its configuration. */
const LOOSE = ["tries", "prices_file", "same_server"];
/** Settings that are frozen with the run, or what it is made from. */
const FROZEN = flagged("arm").filter((name) => !LOOSE.includes(name));

/** Flags that decide what an attempt does: they are frozen with the run. */
export const CONFIG_ARGS = argsOf(FROZEN);

/** The configuration that the flags ask for; the library decides what is not given. Throws UsageError. */
export function configRequest(flags: object): ConfigRequest {
  return valuesOf(FROZEN, { ...flags });
}
