// Owns the shell function `send_message`: the shell itself parses its words, the harness collects what was posted.
import type { Sandbox } from "../sandbox/sandbox.ts";

/** A message as an agent's command posted it; `wait` asks to block for the answer. */
export type Posted = { readonly to: string; readonly content: string; readonly wait: boolean };

const COLLECT_TIMEOUT_MS = 30_000;

/**
 * The command with the function defined before it. Each call leaves two files in the outbox, numbered in order of
 * the calls: the address line and the exact bytes of the text, so that heredocs, quotes and newlines come through
 * as the shell gave them.
 */
export function withSendMessage(command: string, outbox: string): string {
  return `${PRELUDE.replaceAll("@OUTBOX@", outbox)}\n${command}`;
}

const PRELUDE = `send_message() {
  local wait=0 to= n=1
  while [ "\${1:-}" = --wait ]; do wait=1; shift; done
  to="\${1:-}"
  if [ -z "$to" ]; then echo 'send_message: usage: send_message [--wait] AGENT [TEXT] (or the text on standard input)' >&2; return 2; fi
  shift
  while [ "\${1:-}" = --wait ]; do wait=1; shift; done
  mkdir -p '@OUTBOX@'
  until mkdir '@OUTBOX@'/"$n" 2>/dev/null; do n=$((n + 1)); done
  if [ "$#" -gt 0 ]; then printf '%s' "$*" > '@OUTBOX@'/"$n"/text; else cat > '@OUTBOX@'/"$n"/text; fi
  printf '%s %s' "$wait" "$to" > '@OUTBOX@'/"$n"/address
  echo "message to $to posted"
}
export -f send_message`;

/** Takes what commands have posted so far, in order, out of the outbox. */
export async function takePosted(sandbox: Sandbox, outbox: string): Promise<Posted[]> {
  const listing = `cd '${outbox}' 2>/dev/null || exit 0
for n in $(ls | sort -n); do [ -f "$n/address" ] && { printf '%s\\n' "$(cat "$n/address")"; base64 < "$n/text" | tr -d '\\n'; echo; }; done
cd / && rm -rf '${outbox}'`;
  const { output } = await sandbox.exec(listing, { timeout_ms: COLLECT_TIMEOUT_MS });
  const lines = Buffer.from(output).toString("utf8").split("\n");
  const posted: Posted[] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const address = lines[index] ?? "";
    const content = Buffer.from(lines[index + 1] ?? "", "base64").toString("utf8");
    posted.push({
      wait: address.startsWith("1 "),
      to: address.slice(2),
      content: content.replace(/\n$/, ""),
    });
  }
  return posted;
}
