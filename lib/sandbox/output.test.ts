import { expect, test } from "bun:test";
import { BoundedOutput } from "./output.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const note = (dropped: number) => `\n[... ${dropped} bytes left out ...]\n`;

const CASES: [name: string, cap: number, chunks: string[], output: string, dropped: number][] = [
  ["nothing", 10, [], "", 0],
  ["less than the cap", 10, ["abc", "def"], "abcdef", 0],
  ["exactly the cap", 10, ["abcdefghij"], "abcdefghij", 0],
  ["one byte more", 10, ["abcdefghijk"], `abcde${note(1)}ghijk`, 1],
  ["head and tail in one chunk", 4, ["abcdefgh"], `ab${note(4)}gh`, 4],
  [
    "head filled over several chunks",
    6,
    ["a", "b", "c", "d", "e", "f", "g"],
    `abc${note(1)}efg`,
    1,
  ],
  ["a chunk across the head's end", 6, ["ab", "cd", "efghij"], `abc${note(4)}hij`, 4],
  ["an odd cap keeps the halves equal", 5, ["abcdefg"], `ab${note(3)}fg`, 3],
  ["empty chunks count nothing", 4, ["", "ab", "", "cd", ""], "abcd", 0],
];

test.each(CASES)("%s", (_, cap, chunks, output, dropped_bytes) => {
  const kept = new BoundedOutput(cap);
  for (const chunk of chunks) kept.add(Buffer.from(chunk, "latin1"));
  const result = kept.result();
  expect(text(result.output)).toBe(output);
  expect(result.dropped_bytes).toBe(dropped_bytes);
});

test("any way of cutting the same bytes into chunks keeps the same bytes", () => {
  const whole = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));
  const one = new BoundedOutput(301);
  one.add(whole);
  for (const size of [1, 7, 149, 150, 151, 300, 4_999]) {
    const many = new BoundedOutput(301);
    for (let at = 0; at < whole.length; at += size) many.add(whole.subarray(at, at + size));
    expect(many.result()).toEqual(one.result());
  }
});

test("keeps its bytes when the chunk is written over afterwards", () => {
  const kept = new BoundedOutput(100);
  const chunk = Buffer.from("first");
  kept.add(chunk);
  chunk.fill("x");
  expect(text(kept.result().output)).toBe("first");
});
