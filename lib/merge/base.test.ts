import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { parsePatch } from "../patch/parse.ts";
import { baseFromPatches } from "./base.ts";
import { type Files, mergeOne, numbered, Repository } from "./merge.fixture.ts";

setDefaultTimeout(120_000);

/** Parsed patches of changes to real files, and each base file's lines. */
async function baseOf(files: Files, ...changes: Files[]) {
  using repository = await Repository.of(files);
  const patches = [];
  for (const change of changes) patches.push(await repository.patch(change));
  const base = baseFromPatches(patches.map(parsePatch));
  const lines = (path: string) =>
    Buffer.from(base.files.get(path)?.content ?? [])
      .toString("latin1")
      .split("\n");
  return { base, lines, patches };
}

const withoutHunks = (text: string) => text.split("\n").slice(0, 5).join("\n");
const filler = (lines: readonly string[]) => lines.filter((line) => line.startsWith("~ "));

describe("known lines", () => {
  test("stand at their numbers, with filler between and behind", async () => {
    const { lines } = await baseOf(
      { f: numbered(60) },
      { f: numbered(60, { 10: "x" }) },
      { f: numbered(60, { 40: "y", 41: "z" }) },
    );
    const found = lines("f");
    const known = found.flatMap((line, at) => (line.startsWith("line ") ? [at + 1] : []));
    expect(known).toEqual([7, 8, 9, 10, 11, 12, 13, 37, 38, 39, 40, 41, 42, 43, 44]);
    for (const number of known) expect(found[number - 1]).toBe(`line ${number}`);
    expect(found.length).toBeGreaterThan(45);
    expect(new Set(filler(found)).size).toBe(found.length - known.length - 1);
  });

  test("filler of two files has no line in common", async () => {
    const { lines } = await baseOf(
      { a: numbered(30), b: numbered(30) },
      { a: numbered(30, { 20: "x" }), b: numbered(30, { 20: "x" }) },
    );
    const [a, b] = [filler(lines("a")), filler(lines("b"))];
    expect(a.length).toBeGreaterThan(10);
    expect(a.filter((line) => b.includes(line))).toEqual([]);
  });

  test.each<[name: string, before: Files[string], after: Files[string], whole: boolean]>([
    ["changed in its last lines", numbered(20), numbered(20, { 19: "x" }), true],
    ["no final newline", numbered(20).trimEnd(), numbered(20, { 18: "x" }).trimEnd(), true],
    ["final newline added", numbered(9).trimEnd(), numbered(9), true],
    ["three context lines below", numbered(20), numbered(20, { 17: "x" }), false],
    ["emptied", numbered(2), "", true],
    ["filled", "", numbered(2), true],
    ["rewritten", numbered(3), "x\n", true],
    ["deleted", numbered(5), null, true],
  ])("the end of a file is the end where a hunk shows it: %s", async (_, before, after, whole) => {
    const { lines } = await baseOf({ f: before, other: "x\n" }, { f: after });
    const real = String(before).split("\n");
    if (whole) expect(lines("f").slice(-4)).toEqual(real.slice(-4));
    else expect(filler(lines("f").slice(real.length)).length).toBeGreaterThan(0);
  });

  test("only files that exist before are there, with their modes and bytes", async () => {
    const data = Buffer.from([0, 1, 2, 255]);
    const { base } = await baseOf(
      { run: { run: "a\n" }, data, link: { link: "run" }, old: numbered(9), "\xe4": "a\n" },
      {
        run: { run: "b\n" },
        data: Buffer.from([0, 9]),
        link: { link: "old" },
        fresh: "x\n",
        "\xe4": "b\n",
      },
      { old: null, moved: numbered(9) },
    );
    const modes = [...base.files].map(([path, { mode }]) => [path, mode]);
    expect(modes).toEqual([
      ["data", "100644"],
      ["link", "120000"],
      ["old", "100644"],
      ["run", "100755"],
      ["\xe4", "100644"],
    ]);
    expect(Buffer.from(base.files.get("data")?.content ?? [])).toEqual(data);
    expect(String(base.files.get("link")?.content)).toBe("run");
    expect(base.unknown).toEqual([]);
  });

  test("the same patches in any order of equal standing give the same bytes twice", async () => {
    const { patches } = await baseOf(
      { f: numbered(50) },
      { f: numbered(50, { 9: "x" }) },
      { f: null },
    );
    const [one, two] = [0, 1].map(() => baseFromPatches(patches.map(parsePatch)));
    expect(one).toEqual(two);
  });
});

describe("patches that do not speak of the same numbers", () => {
  const real = (replaced: Record<number, string> = {}) => numbered(60, replaced);

  test("one patch made of two commits is traced back through the first", async () => {
    using repository = await Repository.of({ f: real() });
    const first = await repository.patch({ f: real({ 9: "a\nb\nc\nd" }) });
    const both = await repository.patch({ f: real({ 9: "a\nb\nc\nd", 40: "x" }) });
    using later = await Repository.of({ f: real({ 9: "a\nb\nc\nd" }) });
    const second = await later.patch({ f: real({ 9: "a\nb\nc\nd", 40: "x" }) });
    const chained = Buffer.concat([first, second]);
    const other = await repository.patch({ f: real({ 42: "y" }) });
    const base = baseFromPatches([chained, other].map(parsePatch)).files.get("f");
    expect(String(base?.content).split("\n")[39]).toBe("line 40");
    const merge = { kind: "patches" as const, context: [] };
    const [apart, together] = [
      await mergeOne({ base: merge, patches: [chained, other] }),
      await mergeOne({ base: merge, patches: [both, other] }),
    ];
    expect(apart.status).toBe("clean");
    expect(String(apart.naive.diff)).toContain("+x");
    expect(apart.status).toBe(together.status);
  });

  test("the odd one out is placed by its context, whatever its place in the order", async () => {
    using repository = await Repository.of({ f: real() });
    const good = [
      await repository.patch({ f: real({ 30: "x" }) }),
      await repository.patch({ f: real({ 32: "y" }) }),
    ];
    using shifted = await Repository.of({ f: `one\ntwo\n${real()}` });
    const odd = await shifted.patch({ f: `one\ntwo\n${real({ 31: "z" })}` });
    expect(withoutHunks(String(odd))).toContain("@@ -30,7");
    for (const patches of [
      [odd, ...good],
      [...good, odd],
    ]) {
      const { content } = baseFromPatches(patches.map(parsePatch)).files.get("f") ?? {};
      expect(String(content).split("\n").slice(26, 35)).toEqual(real().split("\n").slice(26, 35));
      const outcome = await mergeOne({
        base: { kind: "patches", context: patches },
        patches: [odd],
      });
      expect(outcome.status).toBe("clean");
    }
  });

  test("a patch that fits nowhere does not apply, and the others still do", async () => {
    using repository = await Repository.of({ f: real() });
    using elsewhere = await Repository.of({ f: numbered(60).replaceAll("line", "zeile") });
    const good = [
      await repository.patch({ f: real({ 30: "x" }) }),
      await repository.patch({ f: real({ 50: "y" }) }),
    ];
    const stray = await elsewhere.patch({
      f: numbered(60, { 30: "q" }).replaceAll("line", "zeile"),
    });
    const outcome = await mergeOne({
      base: { kind: "patches", context: good },
      patches: [stray, ...good],
    });
    expect(outcome.patches.map(({ status }) => status)).toEqual(["failed", "applied", "applied"]);
  });

  test("a file that the patches cannot show is named in the reason", async () => {
    const old = Buffer.alloc(20_000, "some\0bytes ");
    using repository = await Repository.of({ data: old });
    const patch = await repository.patch({
      data: Buffer.concat([old.subarray(0, 9000), Buffer.from("x"), old]),
    });
    expect(String(patch)).toContain("\ndelta ");
    expect(baseFromPatches([parsePatch(patch)]).unknown).toEqual(["data"]);
    const outcome = await mergeOne({ base: { kind: "patches", context: [] }, patches: [patch] });
    expect(outcome.patches[0]?.reason).toContain("do not show the old data");
  });
});

describe("P1: a file that a patch takes away without a hunk was empty", () => {
  const gone = (path: string) =>
    Buffer.from(
      `diff --git a/${path} b/${path}\ndeleted file mode 100644\nindex e69de29..0000000\n`,
    );
  const other = Buffer.from("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
  const filled = Buffer.from(
    "diff --git a/p/__init__.py b/p/__init__.py\nindex e69de29..587be6b 100644\n--- a/p/__init__.py\n+++ b/p/__init__.py\n@@ -0,0 +1 @@\n+x\n",
  );
  const executable = Buffer.from(
    "diff --git a/p/__init__.py b/p/__init__.py\nold mode 100644\nnew mode 100755\n",
  );
  const moved = Buffer.from(
    "diff --git a/p/__init__.py b/q/__init__.py\nsimilarity index 100%\nrename from p/__init__.py\nrename to q/__init__.py\n",
  );
  const CASES: [what: string, patches: Uint8Array[], status: string][] = [
    ["alone", [gone("p/__init__.py")], "clean"],
    [
      "without an index line",
      [Buffer.from(String(gone("p/__init__.py")).replace(/index.*\n/, ""))],
      "clean",
    ],
    ["beside another's work", [gone("p/__init__.py"), other], "clean"],
    ["by both", [gone("p/__init__.py"), gone("p/__init__.py")], "clean"],
    ["while the other fills it", [gone("p/__init__.py"), filled], "conflicts"],
    ["while the other moves it", [gone("p/__init__.py"), moved], "clean"],
    ["while the other changes its mode", [gone("p/__init__.py"), executable], "conflicts"],
    ["with more in one patch", [Buffer.concat([gone("a b/c"), gone("d"), other])], "clean"],
  ];
  test.each(CASES)("%s", async (_, patches, status) => {
    const outcome = await mergeOne({ base: { kind: "patches", context: [] }, patches });
    expect(outcome.patches.map((patch) => patch.reason)).toEqual(patches.map(() => undefined));
    expect(outcome.status).toBe(status as typeof outcome.status);
  });
});
