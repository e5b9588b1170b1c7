import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder, testData } from "../core/testing.ts";
import { readDataset } from "./read.ts";

const PARTS = ["feature.md", "feature.patch", "tests.patch"];

function feature(root: string, place: string, text = "x\n"): string {
  const folder = join(root, place);
  mkdirSync(folder, { recursive: true });
  for (const name of PARTS) writeFileSync(join(folder, name), text);
  return folder;
}

test("folders whose names are no part of a key are left out and told of", () => {
  using folder = temporaryFolder();
  const places = [
    "a_task/task1",
    "a_task/task01",
    "a b_task/task1",
    `a_task/task${"9".repeat(20)}`,
  ];
  for (const place of places) feature(folder.path, `${place}/feature1`);
  feature(folder.path, "a_task/task1/feature01");
  const { tasks, problems } = readDataset(folder.path, "dataset");
  expect(tasks.map(({ task, features }) => [task.dir, features.length])).toEqual([
    ["a_task/task1", 1],
  ]);
  const told = problems
    .filter(({ problem }) => problem.startsWith("no key"))
    .map(({ place }) => place);
  expect(told.sort()).toEqual(["a b_task", "a_task/task01", `a_task/task${"9".repeat(20)}`].sort());
});

test("a link is no part of a feature, wherever it leads", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "secret"), "SECRET");
  const inside = join(folder.path, "root/a_task/task1/feature1");
  mkdirSync(inside, { recursive: true });
  for (const name of PARTS) symlinkSync(join(folder.path, "secret"), join(inside, name));
  const { tasks, problems } = readDataset(join(folder.path, "root"), "dataset");
  expect(tasks.flatMap(({ features }) => features)).toEqual([]);
  expect(problems.map(({ problem }) => problem).join()).toContain("feature1: no feature.md");
});

test("of a patch with any number of problems the first are told", () => {
  using folder = temporaryFolder();
  const task = feature(folder.path, "a_task/task1/feature1");
  writeFileSync(join(task, "../combined.patch"), "@@ -1 +1 @@\n".repeat(400_000));
  const told = readDataset(folder.path, "dataset").problems.map(({ problem }) => problem);
  expect(told.filter((problem) => problem.startsWith("combined.patch"))).toHaveLength(21);
  expect(told).toContain("combined.patch: and 399981 more");
});

describe("P5, P3: what is wrong with a patch is told at the door", () => {
  const change = (path: string, old: string, fresh: string) =>
    `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-${old}\n+${fresh}\n`;
  const fine = change("src/a.py", "a", "b");
  const add =
    "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n";
  const CASES: [what: string, name: string, text: string, words: string | undefined][] = [
    ["an empty tests patch", "tests.patch", "", "tests.patch: is empty"],
    ["a blank gold patch", "feature.patch", " \n\n", "feature.patch: is empty"],
    [
      "a hunk directly below diff --git",
      "feature.patch",
      "diff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n",
      "directly below",
    ],
    [
      "the same file twice with clashing hunks",
      "feature.patch",
      change("x", "a", "b") + change("x", "a", "c"),
      "contradicts itself",
    ],
    [
      "overlapping hunks",
      "feature.patch",
      `${change("x", "a", "b")}@@ -1 +1 @@\n-a\n+c\n`,
      "contradicts itself",
    ],
    [
      "a file changed after it was deleted",
      "tests.patch",
      `diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n${change("x", "a", "c")}`,
      "contradicts itself",
    ],
    [
      "the same file twice, one after the other",
      "feature.patch",
      change("x", "a", "b") + change("x", "b", "c"),
      undefined,
    ],
    ["a file added and then changed", "feature.patch", add + change("n", "x", "y"), undefined],
    [
      "a hunk below an index line",
      "feature.patch",
      "diff --git a/x b/x\nindex 1111111..2222222 100644\n@@ -1 +1 @@\n-a\n+b\n",
      undefined,
    ],
    [
      "a tests patch that touches source",
      "tests.patch",
      change("src/a.py", "a", "t"),
      "touches src/a.py, which a gold patch changes",
    ],
    ["a tests patch of tests", "tests.patch", change("tests/a.py", "a", "t"), undefined],
  ];
  test.each(CASES)("%s", (_, name, text, words) => {
    using folder = temporaryFolder();
    for (const place of ["feature1", "feature2"]) {
      const dir = feature(folder.path, `a_task/task1/${place}`, fine);
      writeFileSync(join(dir, "tests.patch"), change("tests/test_a.py", "a", place));
    }
    writeFileSync(join(folder.path, "a_task/task1/feature2", name), text);
    const told = readDataset(folder.path, "dataset")
      .problems.map(({ problem }) => problem)
      .filter((problem) => problem.startsWith("feature"));
    if (words === undefined) expect(told).toEqual([]);
    else expect(told.join("\n")).toContain(words);
  });
});

describeWith("data", "P5: the real dataset", () => {
  test("has one of these: two hunks that overlap", () => {
    const { problems } = readDataset(testData?.dataset ?? "", "dataset");
    const told = problems.filter(({ problem }) => /patch: /.test(problem));
    expect(told).toEqual([
      {
        place: "dspy_task/task8563",
        problem:
          "feature3/tests.patch: contradicts itself: patch failed: tests/adapters/test_tool.py:434",
      },
    ]);
  });
});
