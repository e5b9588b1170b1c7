import { describe, expect, test } from "bun:test";
import { BoundedOutput } from "../sandbox/output.ts";
import { cappedText, outputBytes, shortened } from "./observation.ts";

const LEFT_OUT = /\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n/;
const cap = (head_bytes: number, tail_bytes: number) => ({ head_bytes, tail_bytes });

describe("a text", () => {
  const CASES: [text: string, head: number, tail: number, shown: string][] = [
    ["", 3, 3, ""],
    ["abcdef", 3, 3, "abcdef"],
    ["abcdefg", 3, 3, "abc\n[... 1 bytes left out ...]\nefg"],
    ["abcdefg", 5, 1, "abcde\n[... 1 bytes left out ...]\ng"],
    ["abcdefg", 0, 2, "\n[... 5 bytes left out ...]\nfg"],
    ["abcdefg", 2, 0, "ab\n[... 5 bytes left out ...]\n"],
    ["abcdefg", 0, 0, "\n[... 7 bytes left out ...]\n"],
    ["aü😀ü", 2, 1, "a\n[... 8 bytes left out ...]\n"],
    ["aü😀ü", 3, 2, "aü\n[... 4 bytes left out ...]\nü"],
    ["aü😀üb", 5, 4, "aü\n[... 4 bytes left out ...]\nüb"],
    ["☃☃☃", 4, 4, "☃\n[... 3 bytes left out ...]\n☃"],
  ];
  test.each(CASES)("%p, %d and %d", (text, head, tail, shown) => {
    expect(shortened(text, cap(head, tail))).toBe(shown);
  });
});

describe("a command's output, of which the sandbox kept head and tail", () => {
  const LENGTHS = [100, 8192, 8193, 20_000, 1_000_000];
  const CAPS = [cap(8000, 8000), cap(100, 9000), cap(5000, 0), cap(0, 30)];
  const CASES = LENGTHS.flatMap((length) => CAPS.map((one) => [length, one] as const));
  test.each(CASES)("%d bytes, %j", (length, one) => {
    const text = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");
    const bounded = new BoundedOutput(outputBytes(one));
    for (let at = 0; at < length; at += 7000) bounded.add(Buffer.from(text.slice(at, at + 7000)));
    const shown = cappedText(bounded.result(), one);
    if (length <= one.head_bytes + one.tail_bytes) return expect(shown).toBe(text);
    const [head, left_out, tail] = shown.split(LEFT_OUT);
    expect(head).toBe(text.slice(0, one.head_bytes));
    expect(tail).toBe(text.slice(length - one.tail_bytes));
    expect(Number(left_out)).toBe(length - one.head_bytes - one.tail_bytes);
  });
});
