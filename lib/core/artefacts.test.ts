import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artefactsOf } from "./artefacts.ts";
import { sha256 } from "./files.ts";
import { temporaryFolder } from "./testing.ts";

const BIG = Buffer.alloc(3_000_001, "ab");
const FILES: Record<string, Uint8Array> = {
  "merge.json": Buffer.from("{}\n"),
  "agent1/patch.diff": Uint8Array.from({ length: 256 }, (_, value) => value),
  "agent1/empty": new Uint8Array(),
  "agent1-2": Buffer.from("before the folder's files, as code units go"),
  ".hidden/ünï": BIG,
};

function filled() {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, "agent1"));
  mkdirSync(join(folder.path, ".hidden"));
  mkdirSync(join(folder.path, "no files"));
  for (const [path, bytes] of Object.entries(FILES)) writeFileSync(join(folder.path, path), bytes);
  writeFileSync(join(folder.path, "merge.json.123.4.tmp"), "half");
  return folder;
}

const rows = (paths: readonly string[]) =>
  paths.map((path) => {
    const bytes = FILES[path] ?? new Uint8Array();
    return { path, sha256: sha256(bytes), size_bytes: bytes.length };
  });

test("every file is listed once, in order, with its hash; what a killed process left is not", async () => {
  using folder = filled();
  const order = [".hidden/ünï", "agent1-2", "agent1/empty", "agent1/patch.diff", "merge.json"];
  expect(await artefactsOf(folder.path)).toEqual(rows(order));
});

test("a step lists its own files, those that are there", async () => {
  using folder = filled();
  const own = ["merge.json", "merged.naive.diff"];
  expect(await artefactsOf(folder.path, own)).toEqual(rows(["merge.json"]));
});

describe("what is no plain file is a fault that names it", () => {
  const CASES: [what: string, make: (path: string) => void][] = [
    ["a link to a file", (path) => symlinkSync("merge.json", path)],
    ["a link to a folder", (path) => symlinkSync("/", path)],
    ["a link to nowhere", (path) => symlinkSync("nowhere", path)],
    ["a pipe", (path) => void Bun.spawnSync(["mkfifo", path])],
  ];
  test.each(CASES)("%s", async (_, make) => {
    using folder = filled();
    make(join(folder.path, "agent1/odd"));
    await expect(artefactsOf(folder.path)).rejects.toThrow(
      expect.objectContaining({ code: "bad_file", message: expect.stringContaining("agent1/odd") }),
    );
  });
});
