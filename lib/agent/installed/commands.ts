// Owns the channels' shell commands in a sandbox.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { CHANNEL_NAMES } from "./channels.ts";
import { GATEWAY_VARIABLE, TOKEN_VARIABLE } from "./program.ts";

const SCRIPT = readFileSync(join(import.meta.dir, "../programs/tandem_channel"), "utf8")
  .replaceAll("@GATEWAY@", GATEWAY_VARIABLE)
  .replaceAll("@TOKEN@", TOKEN_VARIABLE);

/** From now on commands find the channels on their PATH. */
export async function addChannels(sandbox: Sandbox): Promise<void> {
  for (const name of CHANNEL_NAMES) await sandbox.addProgram(name, SCRIPT);
}
