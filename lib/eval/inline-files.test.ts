import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder, testData } from "../core/testing.ts";
import { inlineFiles } from "./inline-files.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, value) => value);

/** What the lines write, under the name given. */
function written(bytes: Uint8Array, name = "file"): Uint8Array {
  using folder = temporaryFolder();
  const path = join(folder.path, name);
  const script = inlineFiles([
    { path, bytes },
    { path: `${path}2`, bytes: Buffer.from("next\n") },
  ]);
  const bash = Bun.spawnSync(["bash", "-c", `set -e\n${script}`], { env: { LC_ALL: "C.UTF-8" } });
  expect({ code: bash.exitCode, errors: bash.stderr.toString() }).toEqual({ code: 0, errors: "" });
  expect(readFileSync(`${path}2`, "utf8")).toBe("next\n");
  return new Uint8Array(readFileSync(path));
}

const CASES: [name: string, bytes: Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["every byte", ALL],
  ["every byte, backwards", ALL.toReversed()],
  ["digits after a byte in octal", Buffer.from("\x001\x0127\x7f8")],
  ["words of printf", Buffer.from("%s %d %% \\n \\x41 \\c '$(id)' `id` $HOME")],
  ["a leading dash", Buffer.from("-v x")],
  ["no newline at the end, CRLF, several at the end", Buffer.from("a\r\nb\n\n\n c")],
];
test.each(CASES)("%s", (_, bytes) => {
  expect(written(bytes)).toEqual(new Uint8Array(bytes));
});

test("a name with quotes and spaces", () => {
  expect(written(ALL, "it's a $(name)")).toEqual(ALL);
});

describe("too long for a command", () => {
  const LENGTHS: [bytes: Uint8Array, fits: boolean][] = [
    [Buffer.alloc(80_000, "x"), true],
    [Buffer.alloc(100_000, "x"), false],
    [Buffer.alloc(30_000, 0xff), false],
  ];
  test("is told, by what the script would be", () => {
    for (const [bytes, fits] of LENGTHS)
      expect(inlineFiles([{ path: "/x", bytes }]) !== undefined).toBe(fits);
  });

  test("is what fits as one argument at most", () => {
    const bytes = Buffer.alloc(80_000, "x\n");
    expect(written(bytes)).toEqual(new Uint8Array(bytes));
  });
});

describeWith("data", "the dataset's patches", () => {
  test("come out byte for byte, all that fit", async () => {
    const glob = new Bun.Glob("**/{feature,tests}.patch");
    const cwd = testData?.dataset ?? "";
    let count = 0;
    for await (const path of glob.scan({ cwd })) {
      const bytes = readFileSync(join(cwd, path));
      if (inlineFiles([{ path, bytes }]) === undefined) continue;
      expect(Buffer.compare(Buffer.from(written(bytes)), bytes)).toBe(0);
      count++;
    }
    expect(count).toBeGreaterThan(380);
  });
});
