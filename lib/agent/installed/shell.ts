// Owns the shell commands that start a program: its environment read and removed, its output kept as its own record.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fill } from "../templates.ts";
import { type Place, quoted } from "./place.ts";
import { GATEWAY_VARIABLE } from "./program.ts";

/** Of what a program prints, and of the record that it writes itself. */
export const MOST_RECORD_BYTES = 16 * 1024 ** 2;
/** The variable of the environment that holds the token of an ACP program's streams. */
export const BRIDGE_VARIABLE = "TANDEM_BRIDGE";

const BRIDGE = readFileSync(join(import.meta.dir, "../programs/acp_bridge"), "utf8")
  .replaceAll("@GATEWAY@", GATEWAY_VARIABLE)
  .replaceAll("@BRIDGE@", BRIDGE_VARIABLE);

/** Of a program that does its task and ends. */
export function commandOf(command: string, { view, keys_file }: Place): string {
  return `${reading(keys_file)}
{ ${fill(command, view)}
} 2>&1 </dev/null | ${keeping(view)}
exit "\${PIPESTATUS[0]}"`;
}

/** Of one whose standard streams go through the port. */
export function bridgedCommand({ view, keys_file }: Place): string {
  return `${reading(keys_file)}
${BRIDGE}
asked | { ${view.bin}
} | ${keeping(view)} | sent
exit "\${PIPESTATUS[1]}"`;
}

function reading(keys_file: string): string {
  const env = quoted(keys_file);
  return `. ${env}; rm -f ${env}`;
}

function keeping({ work }: Place["view"]): string {
  const printed = quoted(`${work}/transcript.stdout`);
  return `tee >(head -c ${MOST_RECORD_BYTES} >${printed}; cat >/dev/null)`;
}
