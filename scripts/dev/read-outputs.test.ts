import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../lib/core/testing.ts";

const PROGRAM = join(import.meta.dir, "read-outputs.ts");

function read(...words: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, PROGRAM, ...words]);
  const lines = stdout.toString().split("\n").filter(Boolean);
  return { exitCode, found: lines.map((line) => JSON.parse(line)), stderr: stderr.toString() };
}

test("prints what each file announced, concluded and counted, and whether it passes", () => {
  using folder = temporaryFolder();
  const header =
    "============================= test session starts ==============================\n";
  const end = "============================== 2 passed in 0.01s ===============================\n";
  mkdirSync(join(folder.path, "b"));
  writeFileSync(join(folder.path, "a.txt"), header + end);
  writeFileSync(join(folder.path, "b", "c.log"), header + end + header);
  writeFileSync(join(folder.path, "go.txt"), "ok  \tex.com/m\t0.004s\n");
  const { exitCode, found } = read(folder.path);
  expect(exitCode).toBe(0);
  expect(found).toMatchObject([
    { file: "a.txt", announced: 1, concluded: 1, counted: { passed: 2, failed: 0 }, passed: true },
    { file: "b/c.log", announced: 2, concluded: 1, passed: false, unfinished: [{ line: 2 }] },
    { file: "go.txt", frameworks: ["go"], counted: { passed: 1 }, passed: true },
  ]);
  expect(read(folder.path, "--go-verbose").found[2]).toMatchObject({
    counted: { passed: 0 },
    passed: false,
  });
});

test.each([[[]], [["/no/such/folder"]], [["a", "b"]], [["--nonsense"]]])(
  "%j is refused with what to do",
  (words) => {
    const { exitCode, found, stderr } = read(...words);
    expect({ exitCode, found }).toEqual({ exitCode: 2, found: [] });
    expect(stderr).toMatch(/folder/);
  },
);
