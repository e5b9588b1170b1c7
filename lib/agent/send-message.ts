// Owns the program `send_message` of agents' sandboxes: putting it there, and collecting what it was given.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { MOST_MESSAGE_BYTES } from "../team/message-size.ts";

/** A message as an agent's command posted it; `wait` asks to block for the answer. */
export type Posted = {
  readonly to: string;
  readonly content: string;
  readonly wait: boolean;
  /** Present when `content` is only the beginning: how many bytes the text had. */
  readonly size_bytes?: number;
};
/** `unsent` counts those beyond what one command may send. */
export type Collected = { readonly posted: readonly Posted[]; readonly unsent: number };

export const SEND_MESSAGE = "send_message";
const PROGRAM = readFileSync(join(import.meta.dir, "programs", SEND_MESSAGE), "utf8");
const COLLECT_TIMEOUT_MS = 30_000;
/** Per command; even with the longest texts they fit into what is read at once. */
export const MOST_MESSAGES = 500;
const MOST_ADDRESS_BYTES = 4096;
const COLLECT_BYTES = 64 * 1024 * 1024;

/** Where messages of a sandbox's commands are kept until they are collected. */
export const outboxOf = ({ work_path }: Pick<Sandbox, "work_path">): string =>
  join(work_path, "outbox");

/**
 * From now on commands can call `send_message`. Each call leaves the exact bytes of its text, numbered in order of the
 * calls. The word `--wait` may stand anywhere, `--` before the text ends such words; without other words behind the
 * agent's name the text is standard input. It prints nothing itself: a command's first line may be the submission.
 */
export async function addSendMessage(sandbox: Sandbox): Promise<void> {
  await sandbox.addProgram(SEND_MESSAGE, PROGRAM.replaceAll("@OUTBOX@", outboxOf(sandbox)));
}

/** Whether something was posted; costs no command. */
export async function hasPosted(sandbox: Sandbox): Promise<boolean> {
  return (await sandbox.get(join(outboxOf(sandbox), "1"))) !== undefined;
}

/**
 * Prints how many messages there are, the sizes of the first of them, an empty line, and their bytes: as many processes
 * for five hundred as for one.
 */
const collecting = (outbox: string) => `exec 2>/dev/null
cd '${outbox}' || exit 0
total=0
set --
for n in $(ls | sed -n 's/^\\([1-9][0-9]*\\)\\.to$/\\1/p' | sort -n); do
  [ -f "$n.to" ] && [ -f "$n.text" ] || continue
  total=$((total + 1))
  [ "$total" -gt ${MOST_MESSAGES} ] || set -- "$@" "$n"
done
echo "$total"
if [ "$total" -gt 0 ]; then
  addresses= texts=
  for n do addresses="$addresses $n.to" texts="$texts $n.text"; done
  wc -c $addresses $texts
  echo
  head -q -c ${MOST_ADDRESS_BYTES} $addresses
  head -q -c ${MOST_MESSAGE_BYTES} $texts
fi
cd / && rm -rf '${outbox}'`;

/** Takes what commands have posted so far, in order, out of the outbox. */
export async function takePosted(
  sandbox: Sandbox,
  outbox: string,
  signal: AbortSignal,
): Promise<Collected> {
  const { output } = await sandbox.exec(collecting(outbox), {
    timeout_ms: COLLECT_TIMEOUT_MS,
    max_output_bytes: COLLECT_BYTES,
    signal,
  });
  const bytes = Buffer.from(output);
  const end = Math.max(0, bytes.indexOf("\n\n"));
  const [count = "", ...sizes] = bytes.toString("latin1", 0, end).split("\n");
  const total = Number(count) || 0;
  let at = end + 2;
  const sections = sizes.flatMap((line) => {
    const [, size = "", number = "", kind = ""] = SIZE.exec(line) ?? [];
    if (kind === "") return [];
    const size_bytes = Number(size);
    const most = kind === "to" ? MOST_ADDRESS_BYTES : MOST_MESSAGE_BYTES;
    const part = bytes.subarray(at, at + Math.min(size_bytes, most));
    at += part.length;
    return [{ number, kind, part, size_bytes }];
  });
  const texts = new Map(
    sections.flatMap((one) => (one.kind === "text" ? [[one.number, one] as const] : [])),
  );
  const posted = sections.flatMap(({ number, kind, part }) => {
    const text = texts.get(number);
    return kind === "to" && text !== undefined ? [postedOf(part, text)] : [];
  });
  return { posted, unsent: Math.max(0, total - MOST_MESSAGES) };
}

/** A line of `wc -c`. */
const SIZE = /^\s*(\d+) (\d+)\.(to|text)$/;
type Text = { readonly part: Buffer; readonly size_bytes: number };

/** Bytes that are not UTF-8 become replacement characters; a character that the cut went through is left out. */
function postedOf(address: Buffer, { part, size_bytes }: Text): Posted {
  const wasCut = size_bytes > part.length;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const text = decoder.decode(part, { stream: wasCut });
  const [wait = "", to = ""] = splitOnce(address.toString("utf8"));
  const message = { wait: wait === "1", to, content: wasCut ? text : text.replace(/\n$/, "") };
  return wasCut ? { ...message, size_bytes } : message;
}

function splitOnce(address: string): readonly string[] {
  const at = address.indexOf(" ");
  return [address.slice(0, at), address.slice(at + 1)];
}
