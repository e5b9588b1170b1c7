import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, testData } from "../core/testing.ts";
import { numbered, Repository } from "../merge/merge.fixture.ts";
import { decodeLiteral } from "./binary.ts";
import { changedLines, parsePatch, patchProblems } from "./parse.ts";
import { pathBytes, pathText, quoted, unquote } from "./quote.ts";
import { bytes, change, head, modify } from "./text.fixture.ts";

setDefaultTimeout(120_000);

describe("files", () => {
  test.each([
    [
      "modify",
      modify,
      {
        old_path: "f.txt",
        new_path: "f.txt",
        kind: "modify",
        old_mode: "100644",
        new_mode: "100644",
      },
    ],
    [
      "add",
      `${head("f.txt", "new file mode 100755")}--- /dev/null\n+++ b/f.txt\n@@ -0,0 +1 @@\n+x\n`,
      {
        old_path: undefined,
        new_path: "f.txt",
        kind: "add",
        old_mode: undefined,
        new_mode: "100755",
      },
    ],
    [
      "add an empty file",
      head("a b.txt", "new file mode 100644"),
      { old_path: undefined, new_path: "a b.txt", kind: "add" },
    ],
    [
      "delete",
      `${head("f.txt", "deleted file mode 100644")}--- a/f.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`,
      { old_path: "f.txt", new_path: undefined, kind: "delete", new_mode: undefined },
    ],
    [
      "rename",
      "diff --git a/x y.txt b/z.txt\nsimilarity index 100%\nrename from x y.txt\nrename to z.txt\n",
      { old_path: "x y.txt", new_path: "z.txt", kind: "rename" },
    ],
    [
      "copy",
      "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n",
      { old_path: "x", new_path: "y", kind: "copy" },
    ],
    [
      "mode only",
      head("run me.sh", "old mode 100644", "new mode 100755"),
      {
        old_path: "run me.sh",
        new_path: "run me.sh",
        kind: "modify",
        old_mode: "100644",
        new_mode: "100755",
      },
    ],
    [
      "name with spaces",
      `${head("my file")}--- a/my file\t\n+++ b/my file\t\n@@ -1 +1 @@\n-a\n+b\n`,
      { old_path: "my file", new_path: "my file" },
    ],
    ["quoted name", '"a/\\303\\244\\t\\"x"', { old_path: 'ä\t"x', new_path: 'ä\t"x' }],
    ["no diff --git line", change, { old_path: "f.txt", new_path: "f.txt", kind: "modify" }],
    [
      "mail around it",
      `From 1 Mon\nSubject: x\n\n---\n f.txt | 2 +-\n\n${modify}-- \n2.39.5\n`,
      { old_path: "f.txt", kind: "modify" },
    ],
    [
      "CRLF header",
      `${modify.replaceAll("\n", "\r\n")}`,
      { old_path: "f.txt", new_path: "f.txt", old_mode: "100644" },
    ],
  ])("%s", (_, given, expected) => {
    const quotedCase = given.startsWith('"');
    const name = given.replace('"a/', '"b/');
    const text = quotedCase
      ? `diff --git ${given} ${name}\n--- ${given}\n+++ ${name}\n@@ -1 +1 @@\n-a\n+b\n`
      : given;
    const patch = parsePatch(bytes(text));
    expect(patch.problems).toEqual([]);
    expect(patch.files).toHaveLength(1);
    expect(patch.files[0]).toMatchObject(expected);
  });

  const hunk = "@@ -0,0 +1 @@\n+x\n";
  const added = (path: string) => ({ old_path: undefined, new_path: path, kind: "add" });
  /** Found by fuzzing against `git apply`: each of these was a file that git wrote and we did not see, or saw under another name. */
  test.each([
    ["no prefix", `--- /dev/null\n+++ conftest.py\n${hunk}`, added("conftest.py")],
    [
      "a date behind spaces",
      `--- /dev/null\n+++ b/x.py 2020-01-01 00:00:00 +0000\n${hunk}`,
      added("x.py"),
    ],
    ["the epoch for no file", `--- a/x\t1970-01-01 01:00:00.0 +0100\n+++ b/x\n${hunk}`, added("x")],
    [
      "a name and its variation",
      `--- a/x\n+++ b/x.orig\n@@ -1 +1 @@\n-a\n+b\n`,
      { old_path: "x", new_path: "x" },
    ],
    [
      "a carriage return behind a name",
      `diff --git a/x b/y\nnew file mode 100644\n--- /dev/null\n+++ b/z.py\rjunk\n${hunk}`,
      added("z.py"),
    ],
    ["slashes in a row", `--- /dev/null\n+++ b/x//y.py\n${hunk}`, added("x/y.py")],
    ["a NUL in a name", `--- /dev/null\n+++ b/x.py\0junk\n${hunk}`, added("x.py")],
    [
      "a quote that another line closes",
      `diff --git a/x b/y\nnew file mode 100644\n--- /dev/null\n+++ "b/x\n${hunk}"\n`,
      added(`x\n${hunk}`),
    ],
    ["another prefix", "diff --git aa/x.py b/x.py\nnew file mode 100644\n", added("x.py")],
    ["a tab between the names", "diff --git a/x\tb/x\nnew file mode 100644\n", added("x")],
    [
      "a mode of few digits",
      "diff --git a/x b/x\nnew file mode 4\n",
      { ...added("x"), new_mode: "160000" },
    ],
    [
      "a link by another mode",
      `diff --git a/x b/x\nnew file mode 0120777\n--- /dev/null\n+++ b/x\n${hunk}`,
      { ...added("x"), new_mode: "120000" },
    ],
  ])("%s", (_, text, expected) => {
    const { files } = parsePatch(bytes(text));
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject(expected);
  });

  test("data below a bare diff line hides no file behind it", () => {
    const text = `diff --git a/x b/x\nGIT binary patch\nliteral 5\n${head("y", "new file mode 100644")}`;
    expect(parsePatch(bytes(text)).files.map((file) => file.new_path)).toEqual(["x", "y"]);
  });

  test("paths survive as bytes, UTF-8 or not", () => {
    for (const name of ["plain", "a b", "\xc3\xa4", "\xff\xfe\x80x", 'q"\\\n\t', "\xed\xa0\x80"]) {
      expect(pathBytes(pathText(name))).toBe(name);
      expect(unquote(`${quoted(name)} rest`)).toEqual({ name, rest: " rest" });
    }
  });
});

describe("hunks", () => {
  test("lines are kept as bytes, with their tags, carriage returns and missing newlines", () => {
    const text = `${head("f")}--- a/f\n+++ b/f\n@@ -3,4 +3,4 @@ class Ä:\n a\r\n\n-\xff-- x\n\\ No newline at end of file\n+++ y\n\\ No newline at end of file\n z\n`;
    const [hunk] = parsePatch(bytes(text)).files[0]?.hunks ?? [];
    expect(hunk).toMatchObject({ old_start: 3, old_lines: 4, new_start: 3, new_lines: 4 });
    expect(hunk?.section).toBe("class \xc4:");
    expect(hunk?.lines).toEqual([
      { tag: " ", text: "a\r", no_newline: false },
      { tag: " ", text: "", no_newline: false },
      { tag: "-", text: "\xff-- x", no_newline: true },
      { tag: "+", text: "++ y", no_newline: true },
      { tag: " ", text: "z", no_newline: false },
    ]);
  });

  test("counts decide where a hunk ends: a removed line may look like a header", () => {
    const text = `${head("f")}--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- a/g\n-@@ -1 +1 @@\n+++ b/g\n+x\n${modify}`;
    const patch = parsePatch(bytes(text));
    expect(patch.files.map((file) => file.hunks.length)).toEqual([1, 1]);
    expect(changedLines(patch)).toEqual({ added: 3, removed: 3 });
  });
});

describe("binary", () => {
  test("data is found and decodes to the bytes of both sides", async () => {
    const [old, fresh] = [Buffer.alloc(3000, "old\0"), Buffer.from([0, 255, 1, 2, 3])];
    using repository = await Repository.of({ "data.bin": old });
    const patch = parsePatch(await repository.patch({ "data.bin": fresh }));
    expect(patch.problems).toEqual([]);
    const data = patch.files[0]?.binary_data;
    expect(data && decodeLiteral(data.forward)).toEqual(fresh);
    expect(data?.reverse && decodeLiteral(data.reverse)).toEqual(old);
    const without = parsePatch(await repository.patch({ "data.bin": fresh }, []));
    expect(without.files[0]).toMatchObject({ binary: true, binary_data: undefined });
    expect(without.problems.join()).toContain("--binary");
  });

  test("a damaged block is no content", () => {
    for (const rows of [["!"], ["Dxxxxx"], ["D~~~~~"], ["zcmV"], []])
      expect(decodeLiteral({ method: "literal", size: 4, rows })).toBeUndefined();
  });
});

describeWith("data", "patches of the dataset", () => {
  const files = (name: string) => {
    const root = testData?.dataset ?? "";
    return [...new Bun.Glob(`*/task*/${name}`).scanSync(root)].map((path) =>
      readFileSync(join(root, path)),
    );
  };

  test("all gold, tests and combined patches are read without a problem", () => {
    const counts = ["feature*/feature.patch", "feature*/tests.patch", "combined.patch"].map(
      (name) => {
        const patches = files(name);
        expect(patches.flatMap(patchProblems)).toEqual([]);
        return patches.length;
      },
    );
    expect(counts).toEqual([199, 199, 30]);
  });

  test("changed lines, files and hunks have the published means", () => {
    const patches = files("feature*/feature.patch").map(parsePatch);
    const mean = (of: (patch: (typeof patches)[number]) => number) =>
      patches.reduce((sum, patch) => sum + of(patch), 0) / patches.length;
    const lines = (patch: (typeof patches)[number]) =>
      changedLines(patch).added + changedLines(patch).removed;
    expect(mean(lines)).toBeCloseTo(52.4, 1);
    expect(
      mean(({ files }) => new Set(files.map((file) => file.new_path ?? file.old_path)).size),
    ).toBeCloseTo(1.35, 2);
    expect(mean(({ files }) => files.flatMap(({ hunks }) => hunks).length)).toBeCloseTo(4.36, 2);
  });
});

test("a patch reads back as git's own numbers of added and removed lines", async () => {
  using repository = await Repository.of({ "a.txt": numbered(40), "b.txt": numbered(40) });
  const patch = await repository.patch({
    "a.txt": numbered(40, { 3: "x\ny", 30: "z" }),
    "b.txt": null,
  });
  expect(changedLines(parsePatch(patch))).toEqual({ added: 3, removed: 42 });
});
