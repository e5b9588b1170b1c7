import { describe, expect, test } from "bun:test";
import { anatomyOf, conflictedPaths, countSections } from "./anatomy.ts";
import { mergeOne, numbered, Repository } from "./merge.fixture.ts";

const section = (ours: string, theirs: string) =>
  `<<<<<<< ours\n${ours}=======\n${theirs}>>>>>>> theirs\n`;
const labels = { ours: "ours", theirs: "theirs" };

describe("sections", () => {
  test.each([
    ["none", "a\nb\n=======\n", 0, 0],
    ["one", `a\n${section("1\n2\n", "3\n")}b\n`, 1, 3],
    ["an empty side", section("", "3\n"), 1, 1],
    ["two", section("1\n", "2\n") + section("3\n4\n", ""), 2, 4],
    ["CRLF", section("1\n", "2\n").replaceAll("\n", "\r\n"), 1, 2],
    ["a separator in ours", section("Title\n=======\n", "x\n"), 1, 3],
    ["a separator in theirs", section("x\n", "Title\n=======\n"), 1, 3],
    ["longer marks are content", section("========\n<<<<<<<< ours\n", ">>>>>>>> theirs\n"), 1, 3],
    ["marks without a space are content", section("<<<<<<<\n", ">>>>>>>\n"), 1, 2],
    [
      "markers shown in the content",
      `<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n${section("1\n", "2\n")}`,
      1,
      2,
    ],
    ["an example inside a side", section("<<<<<<< HEAD\na\n", "b\n>>>>>>> x\n"), 1, 4],
    ["the very mark of ours inside theirs", section("1\n", "2\n<<<<<<< ours\n3\n"), 1, 4],
    ["a label with a path", section("1\n", "2\n").replace("ours", "ours:old.txt"), 1, 2],
    [
      "diff3: the base part is not counted",
      "<<<<<<< ours\n1\n||||||| base\n0\n0\n=======\n2\n>>>>>>> theirs\n",
      1,
      2,
    ],
    ["never closed", "<<<<<<< ours\n1\n=======\n2\n", 0, 0],
    ["no newline at the end", section("1\n", "2\n").trimEnd(), 1, 2],
  ])("%s", (_, text, sections, lines) => {
    expect(countSections(Buffer.from(text), labels)).toEqual({ sections, lines });
  });

  test("without labels any marker counts", () => {
    const text = `<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n${section("1\n", "2\n")}`;
    expect(countSections(Buffer.from(text))).toEqual({ sections: 2, lines: 4 });
  });
});

test.each([
  [0, 0, 0, "none"],
  [1, 0, 20, "low"],
  [1, 1, 22, "medium"],
  [1, 15, 50, "medium"],
  [2, 6, 52, "high"],
  [3, 20, 100, "high"],
  [4, 11, 102, "critical"],
] as const)("%i sections and %i lines score %i: %s", (sections, lines, score, severity) => {
  const files = sections === 0 ? [] : [{ path: "f", kind: "content", sections, lines }];
  expect(anatomyOf(files)).toEqual({ sections, lines, score, severity, files });
});

describe("of real merges", () => {
  const text = (replaced: Record<number, string>) => numbered(40, replaced);
  const marked = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x";

  test.each([
    [
      "two sections",
      text({ 3: "a", 30: "b\nc" }),
      text({ 3: "x", 30: "y" }),
      { kind: "content", sections: 2, lines: 5 },
    ],
    [
      "beside markers of its own",
      text({ 3: "a", 20: marked }),
      text({ 3: "x", 35: marked }),
      { kind: "content", sections: 1, lines: 2 },
    ],
    ["modify/delete", text({ 3: "a" }), null, { kind: "modify/delete", sections: 1, lines: 0 }],
    ["binary", Buffer.from([0, 1]), Buffer.from([0, 2]), { kind: "binary", sections: 1, lines: 0 }],
  ])("%s", async (_, first, second, expected) => {
    using repository = await Repository.of({ f: text({}) });
    const patches = [await repository.patch({ f: first }), await repository.patch({ f: second })];
    const base = { kind: "repository" as const, git_dir: repository.git_dir, tree: "base" };
    const { naive } = await mergeOne({ base, patches });
    expect(naive.conflicts.files).toEqual([{ path: "f", ...expected }]);
  });

  test("add/add and several files", async () => {
    using repository = await Repository.of({ f: text({}), g: text({}) });
    const patches = [
      await repository.patch({ f: text({ 3: "a" }), new: "1\n2\n", g: text({ 1: "x" }) }),
      await repository.patch({ f: text({ 3: "b" }), new: "3\n", g: text({ 30: "x" }) }),
    ];
    const base = { kind: "repository" as const, git_dir: repository.git_dir, tree: "base" };
    const { naive } = await mergeOne({ base, patches });
    expect(naive.conflicts).toEqual({
      sections: 2,
      lines: 5,
      score: 50,
      severity: "medium",
      files: [
        { path: "f", kind: "content", sections: 1, lines: 2 },
        { path: "new", kind: "add/add", sections: 1, lines: 3 },
      ],
    });
  });
});

describe("paths in conflict", () => {
  const told = (type: string, ...paths: string[]) => ({ type, paths, text: "" });
  const messages = [told("Auto-merging", "x"), told("CONFLICT (file location)", "a", "b")];
  const merge = { clean: false, tree: "t", conflicted: [], messages };
  test.each([
    ["those left unmerged", { ...merge, conflicted: ["c"] }, ["c"]],
    ["of a conflict that leaves none, the first that its message names", merge, ["a"]],
    ["none of a clean merge, whatever is told", { ...merge, clean: true }, []],
  ])("%s", (_, given, paths) => {
    expect(conflictedPaths(given)).toEqual(paths);
  });
});
