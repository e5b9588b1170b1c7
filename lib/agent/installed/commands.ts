// Owns the channels' shell commands in a sandbox.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../core/fault.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { CHANNEL_NAMES } from "./channels.ts";
import { GATEWAY_VARIABLE, TOKEN_VARIABLE } from "./program.ts";

const SCRIPT = readFileSync(join(import.meta.dir, "../programs/tandem_channel"), "utf8")
  .replaceAll("@GATEWAY@", GATEWAY_VARIABLE)
  .replaceAll("@TOKEN@", TOKEN_VARIABLE);

const ORIGIN_MS = 60_000;
/** Programs look for `origin`: the same branches by that name. */
const ORIGIN = `g() { git -c safe.directory='*' "$@"; }
g config --get-regexp '^remote\\.team\\.' | while read -r key value; do
  g config --add "remote.origin.\${key##*.}" "\${value/refs\\/remotes\\/team/refs/remotes/origin}"
done
g for-each-ref --format='create refs/remotes/origin/%(refname:lstrip=3) %(objectname)' refs/remotes/team | g update-ref --stdin`;

/** Gives the remote `team` its second name. Throws Fault `setup_failed`. */
export async function addOrigin(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const options = { timeout_ms: ORIGIN_MS, signal, program: true };
  const { exit_code, output } = await sandbox.exec(`set -e\n${ORIGIN}`, options);
  if (exit_code === 0) return;
  throw new Fault("setup_failed", `the remote origin could not be made: ${Buffer.from(output)}`, {
    hint: "run without --git, or see what the image's git says",
  });
}

/** From now on commands find the channels on their PATH. */
export async function addChannels(sandbox: Sandbox): Promise<void> {
  for (const name of CHANNEL_NAMES) await sandbox.addProgram(name, SCRIPT);
}
