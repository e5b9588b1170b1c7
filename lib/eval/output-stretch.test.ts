import { describe, expect, test } from "bun:test";
import { readTestBytes } from "./counts.ts";
import { readTestOutput } from "./formats/cases.ts";
import { keepOutput } from "./keep-output.ts";

const BYTES = 64 * 1024 * 1024;
const LONGEST_MS = 200;
const BEAT_MS = 5;
const of = (unit: string): Buffer => Buffer.alloc(BYTES, unit);
const SUMMARY = "\n===== 3 passed in 1.23s =====\n";

/** The longest stretch without a beat, by the clock and by the processor: others may use the machine too. */
async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  const now = () => ({ wall: performance.now(), cpu: process.cpuUsage() });
  let last = now();
  let longest = 0;
  const beat = () => {
    const { user, system } = process.cpuUsage(last.cpu);
    longest = Math.max(longest, Math.min(performance.now() - last.wall, (user + system) / 1000));
    last = now();
  };
  const timer = setInterval(beat, BEAT_MS);
  await work();
  beat();
  clearInterval(timer);
  return longest;
}

describe("S10: 64 MiB", () => {
  const CASES: [name: string, unit: string][] = [
    ["one line", "x"],
    ["one line of =", "="],
    ["one line that returns to its head", "50%|##  |\r"],
    ["one line of colours", "\u001b[31mx"],
    [
      "lines of 80",
      "the quick brown fox jumps over the lazy dog and runs away from it again 123456\n",
    ],
    ["results", "tests/test_a.py::test_b[param] PASSED                                [ 10%]\n"],
    ["many packages", "ok  \texample.com/a/rather/long/path/of/a/package\t0.1s\n"],
    ["many binaries", "     Running tests/it.rs (target/debug/deps/it-52a2)\n\nrunning 1 test\n"],
  ];
  test.each(CASES)(
    "%s",
    async (_, unit) => {
      // What begins with every line costs more; a part stands for all.
      const output = /^(?:ok| +Running)/.test(unit) ? of(unit).subarray(0, BYTES / 4) : of(unit);
      output.write(SUMMARY, output.length - SUMMARY.length);
      let passed = 0;
      const stretch = await longestStretch(async () => {
        ({ passed } = await readTestBytes(output));
      });
      expect(stretch).toBeLessThan(LONGEST_MS);
      // The summary is bare: where packages or binaries are whole, theirs count.
      expect(passed).toBe(unit.startsWith("ok") ? 10_000 : 3);
    },
    120_000,
  );

  test("of very short lines, a part of which stands for all", async () => {
    const output = of("x\n").subarray(0, BYTES / 8);
    expect(await longestStretch(() => readTestBytes(output))).toBeLessThan(LONGEST_MS);
  }, 120_000);

  test("is kept in short stretches, without the secrets in it", async () => {
    const secret = "s3cr3t-0f-this-test";
    const output = of(`the quick brown fox says ${secret}\n`);
    process.env.STRETCH_TEST_TOKEN = secret;
    try {
      let kept: Awaited<ReturnType<typeof keepOutput>> | undefined;
      const stretch = await longestStretch(async () => {
        kept = await keepOutput(output);
      });
      const text = Bun.zstdDecompressSync(kept?.zstd ?? "");
      expect(Bun.SHA256.hash(text, "hex")).toBe(kept?.hash ?? "");
      expect(text.includes(secret)).toBeFalse();
      expect(text.includes("[redacted]")).toBeTrue();
      expect(stretch).toBeLessThan(LONGEST_MS);
    } finally {
      delete process.env.STRETCH_TEST_TOKEN;
    }
  }, 60_000);
});

test("pieces of an output read as the whole does, wherever they are cut", async () => {
  const text = `\ufeff☃ ${"ü".repeat(40_000)}\r${"=".repeat(30)} test session starts ${"=".repeat(30)}\ncollected 1 item\n${"é".repeat(70_000)}\n${SUMMARY}`;
  expect(await readTestBytes(Buffer.from(text))).toEqual(readTestOutput(text));
});
