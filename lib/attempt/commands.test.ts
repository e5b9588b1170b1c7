import { describe, expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import { type CommandResult, packCommands, sameButForClocks, unpackCommands } from "./commands.ts";

const result = (output: string | Uint8Array, fields: Partial<CommandResult> = {}) => ({
  exit_code: 0,
  timed_out: false,
  oom_killed: false,
  dropped_bytes: 0,
  output: Buffer.from(output),
  ...fields,
});
const given = (output: string, fields: Partial<CommandResult> = {}) => ({
  ...result(output, fields),
  duration_ms: 7,
});

test("what is kept comes back, bytes and all", () => {
  const all = [
    result("plain\n"),
    result(
      Uint8Array.from({ length: 256 }, (_, value) => value),
      { exit_code: 137, dropped_bytes: 5 },
    ),
    result("", { timed_out: true, oom_killed: true }),
    result("x", { left_running: 2 }),
  ];
  expect(unpackCommands(packCommands(all), "x")).toEqual(all);
  expect(unpackCommands(packCommands([]), "x")).toEqual([]);
});

test("A24: a replay is told of as many left running as were told of then, or of none", () => {
  const fresh = given("x", { left_running: 1 });
  expect(sameButForClocks(fresh, result("x", { left_running: 2 })).left_running).toBe(2);
  expect(sameButForClocks(fresh, result("x")).left_running).toBeUndefined();
});

test("long rows of brackets are compared in time", () => {
  const words = `${"[".repeat(200_000)}1,2]]`;
  expect(sameButForClocks(given(`${words} 1 ms`), result(`${words} 2 ms`)).output).toEqual(
    Buffer.from(`${words} 2 ms`),
  );
});

test("a damaged file is a fault that names it", () => {
  const whole = packCommands([result("x")]);
  for (const bytes of [whole.slice(0, -4), Buffer.from("no zstd"), Bun.zstdCompressSync("{}")])
    expect(() => unpackCommands(bytes, "the/file")).toThrow(Fault);
  expect(() => unpackCommands(Buffer.from("x"), "the/file")).toThrow("the/file is damaged");
});

describe("the recorded words are given again where only clocks differ:", () => {
  const CASES: [recorded: string, fresh: string][] = [
    ["5 passed in 0.12s", "5 passed in 3.4s"],
    ["ok  \tchi\t0.123s", "ok  \tchi\t12.001s"],
    ["(pass) salt [0.02ms]\n", "(pass) salt\n"],
    ["Ran 8 tests across 2 files. [76.00ms]", "Ran 8 tests across 2 files. [1.20s]"],
    ["took 5 µs", "took 17 µs"],
    ["-rw-r--r-- 1 root root 5 Nov 21 12:03 a", "-rw-r--r-- 1 root root 5 Dec  1 23:59 a"],
    ["at 2026-11-21T10:00:00.123Z", "at 2027-01-01T00:00:00Z"],
    ["Date:   Sat Nov 21 12:03:04 2026 +0000", "Date:   Mon Nov 23 01:02:03 2026 +0000"],
    ["[main 0a1b2c3] work", "[main fedcba9] work"],
    ["[main 0a1b2c3] work", "[main 1234567] work"],
    ["[main (root-commit) 12345678] x", "[main (root-commit) 1b345678] x"],
    ["   c94889b..a90f552  HEAD -> a", "   1234567..7654321  HEAD -> a"],
    ["one\n1234567 work\n", "one\nabcdef0 work\n"],
    ["HEAD is now at 1234567 work", "HEAD is now at 0a1b2c3 work"],
    ["To /tmp/tandem-0/.tmp/12-4-s_1_2~2.agent1/repo", "To /tmp/tandem-0/.tmp/9-1-r.agent1/repo"],
  ];
  test.each(CASES)("%j, now %j", (recorded, fresh) => {
    const found = sameButForClocks(given(fresh), result(recorded));
    expect(Buffer.from(found.output).toString()).toBe(recorded);
    expect(found.duration_ms).toBe(7);
  });
});

describe("a difference is a difference:", () => {
  const CASES: [recorded: CommandResult | undefined, fresh: ReturnType<typeof given>][] = [
    [result("5 passed in 1s"), given("4 passed in 1s")],
    [result("same"), given("same", { exit_code: 1 })],
    [result("same"), given("same", { timed_out: true })],
    [result("port 8080"), given("port 8081")],
    [result("12345678 bytes"), given("12345679 bytes")],
    [result(`md5 ${"a".repeat(32)}`), given(`md5 ${"b".repeat(32)}`)],
    [result("/tandem-0/.tmp/1-2-a.agent1/repo/a.c"), given("/tandem-0/.tmp/1-2-a.agent1/repo/b.c")],
    [result("line one\nline two"), given("line two\nline one")],
    [undefined, given("more than was recorded")],
  ];
  test.each(CASES)("%j, now %j", (recorded, fresh) => {
    expect(sameButForClocks(fresh, recorded)).toBe(fresh);
  });
});
