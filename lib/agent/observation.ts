// Owns what the model is shown of a command: its output, capped at head and tail, in the words of a template.
import type { ExecResult } from "../sandbox/sandbox.ts";
import type { AgentConfig } from "./config.ts";

type Cap = AgentConfig["observation"];

/** The word that hands in stands first, whatever the cap lets the model see. */
const LEAST_BYTES = 4096;

/** What to ask the sandbox for, so that head and tail of the cap are in what it keeps. */
export function outputBytes(cap: Cap): number {
  return 2 * Math.max(LEAST_BYTES, cap.head_bytes, cap.tail_bytes);
}

/**
 * The output's first `head_bytes` and last `tail_bytes` as text, with a line between them that counts the bytes left
 * out; the whole output when it is not longer than both. No character of UTF-8 is cut in two.
 */
export function cappedText(
  { output, dropped_bytes }: Pick<ExecResult, "output" | "dropped_bytes">,
  cap: Cap,
): string {
  // A sandbox that left bytes out kept two halves of what it was asked for, and wrote its own line between them.
  const total = dropped_bytes === 0 ? output.length : dropped_bytes + outputBytes(cap);
  if (total <= cap.head_bytes + cap.tail_bytes) return decoded(output);
  const head = wholeHead(output.subarray(0, cap.head_bytes));
  const tail = wholeTail(output.subarray(output.length - cap.tail_bytes));
  const left_out = total - head.length - tail.length;
  return `${decoded(head)}\n[... ${left_out} bytes left out ...]\n${decoded(tail)}`;
}

/** The same for a string. */
export function shortened(text: string, cap: Cap): string {
  return cappedText({ output: Buffer.from(text), dropped_bytes: 0 }, cap);
}

export function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
const LONGEST_CHARACTER = 4;

/** Without a character that is cut off at the end. */
function wholeHead(bytes: Uint8Array): Uint8Array {
  let start = bytes.length - 1;
  while (start > bytes.length - LONGEST_CHARACTER && isContinuation(bytes[start])) start--;
  const first = bytes[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
}

/** Without a character that is cut off at the beginning. */
function wholeTail(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < LONGEST_CHARACTER - 1 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
