// Owns the shell function `send_message`: the shell itself parses its words, the harness collects what was posted.
import type { Sandbox } from "../sandbox/sandbox.ts";

/** A message as an agent's command posted it; `wait` asks to block for the answer. */
export type Posted = { readonly to: string; readonly content: string; readonly wait: boolean };

const COLLECT_TIMEOUT_MS = 30_000;
/** Bytes of one message; what is beyond them is cut. */
const LONGEST_MESSAGE = 100_000;
const COLLECT_BYTES = 64 * 1024 * 1024;

/**
 * The command with the function defined before it. Each call leaves a folder in the outbox, numbered in order of
 * the calls, with the address and the exact bytes of the text, so that heredocs, quotes and newlines come through
 * as the shell gave them. The word `--wait` may stand anywhere, `--` before the text ends such words; without other
 * words behind the agent's name the text is standard input. It prints nothing of its own: a command's first line may be
 * the submission. Programs that are no bash (`sh`, `xargs`, `timeout`) do not know the function.
 */
export function withSendMessage(command: string, outbox: string): string {
  return `${PRELUDE.replaceAll("@OUTBOX@", outbox)}\n${command}`;
}

/**
 * In the C locale bytes are characters, whatever they are; `set -x` is for the agent's commands, not for these. What
 * runs when the command ends are kills, so a call in the background gets the time it takes (two seconds at most).
 */
const PRELUDE = `send_message() {
  { local - && set +x; } 2>/dev/null || :
  local LC_ALL=C wait=0 flags=1 to= text= words=0 n=1 word
  for word in "$@"; do
    if [ "$word" = --wait ] && [ "$flags" = 1 ]; then wait=1
    elif [ "$word" = -- ] && [ "$flags" = 1 ] && [ "$words" -lt 2 ]; then flags=0
    elif [ "$words" = 0 ]; then to="$word"; words=1
    elif [ "$words" = 1 ]; then text="$word"; words=2
    else text="$text $word"; fi
  done
  if [ "$words" = 1 ]; then text="$(tr -d '\\0'; printf .)"; text="\${text%.}"; fi
  if [ -z "$to" ] || [ -z "$text" ]; then
    echo 'send_message: usage: send_message [--wait] AGENT TEXT (or the text on standard input)' >&2
    return 2
  fi
  until mkdir -p '@OUTBOX@' && mkdir '@OUTBOX@'/"$n"; do
    if [ ! -d '@OUTBOX@'/"$n" ]; then n=0; break; fi
    n=$((n + 1))
  done 2>/dev/null
  if [ "$n" = 0 ] || ! printf '%s' "$text" > '@OUTBOX@'/"$n"/text ||
    ! printf '%s %s' "$wait" "$to" > '@OUTBOX@'/"$n"/address; then
    echo 'send_message: the message could not be written down and is not sent' >&2
    return 1
  fi
}
export -f send_message
__tandem_last_words() {
  local tries=0
  while [ "$tries" -lt 40 ]; do
    case "$(jobs -r)" in *send_message*) sleep 0.05 ;; *) break ;; esac
    tries=$((tries + 1))
  done
}
trap '{ set +x; __tandem_last_words; } 2>/dev/null' EXIT`;

/** Takes what commands have posted so far, in order, out of the outbox. */
export async function takePosted(
  sandbox: Sandbox,
  outbox: string,
  signal: AbortSignal,
): Promise<Posted[]> {
  const listing = `cd '${outbox}' 2>/dev/null || exit 0
encoded() { head -c ${LONGEST_MESSAGE} "$1" | base64 | tr -d '\\n'; }
for n in $(ls | sort -n); do [ ! -f "$n/address" ] || echo "$(encoded "$n/address") $(encoded "$n/text")"; done
cd / && rm -rf '${outbox}'`;
  const { output } = await sandbox.exec(listing, {
    timeout_ms: COLLECT_TIMEOUT_MS,
    max_output_bytes: COLLECT_BYTES,
    signal,
  });
  const lines = Buffer.from(output).toString("utf8").split("\n");
  return lines.flatMap((line) => {
    const [address = "", text = ""] = line.split(" ").map(decoded);
    const content = text.replace(/\n$/, "");
    return address === ""
      ? []
      : [{ wait: address.startsWith("1 "), to: address.slice(2), content }];
  });
}

/** Bytes that are no UTF-8 become replacement characters; a character that the cut went through is left out. */
function decoded(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  const wasCut = bytes.length === LONGEST_MESSAGE;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: wasCut });
}
