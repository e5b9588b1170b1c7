import { describe, expect, test } from "bun:test";
import { quickScratch } from "../core/files.ts";
import { countSections } from "../merge/anatomy.ts";
import { type MergeJob, mergeAttempts } from "../merge/merge.ts";
import { conflictParts, conflictTexts } from "./conflicts.ts";

const labels = { ours: "0123abc", theirs: "4567def" };
const never = new AbortController().signal;

describe("parts between markers", () => {
  const cases: [name: string, text: string, parts: { ours: string[]; theirs: string[] }[]][] = [
    [
      "of one region",
      "a\n<<<<<<< 0123abc\no\n=======\nt1\nt2\n>>>>>>> 4567def\nz\n",
      [{ ours: ["o"], theirs: ["t1", "t2"] }],
    ],
    [
      "of an empty side",
      "<<<<<<< 0123abc\n=======\nt\n>>>>>>> 4567def\n",
      [{ ours: [], theirs: ["t"] }],
    ],
    [
      "after a rename",
      "<<<<<<< 0123abc:a\no\n=======\nt\n>>>>>>> 4567def:b\n",
      [{ ours: ["o"], theirs: ["t"] }],
    ],
    ["of text that shows markers of others", "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n", []],
    [
      "with CRLF",
      "<<<<<<< 0123abc\r\no\r\n=======\r\nt\r\n>>>>>>> 4567def\r\n",
      [{ ours: ["o\r"], theirs: ["t\r"] }],
    ],
    ["of an unfinished one", "<<<<<<< 0123abc\no\n=======\nt\n", []],
    [
      "of two regions",
      "<<<<<<< 0123abc\n1\n=======\n2\n>>>>>>> 4567def\nmid\n<<<<<<< 0123abc\n3\n=======\n4\n>>>>>>> 4567def\n",
      [
        { ours: ["1"], theirs: ["2"] },
        { ours: ["3"], theirs: ["4"] },
      ],
    ],
  ];
  test.each(cases)("%s", (_, text, parts) => {
    const found = conflictParts(Buffer.from(text), labels);
    expect(found.map(({ ours, theirs }) => ({ ours: [...ours], theirs: [...theirs] }))).toEqual(
      parts,
    );
    expect(found.length).toBe(countSections(Buffer.from(text), labels).sections);
  });

  test("have a few lines around, and say where no patch shows the base", () => {
    const text =
      "far\n1\n2\n~ 12 0123abcd\n<<<<<<< 0123abc\no\n=======\nt\n>>>>>>> 4567def\n4\n5\n6\n7\n";
    const [part] = conflictParts(Buffer.from(text), labels);
    expect(part?.before).toEqual(["1", "2", "⋯ line 12, which no patch shows"]);
    expect(part?.after).toEqual(["4", "5", "6"]);
  });
});

const edit = (line: number, before: string, after: string) =>
  `diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -${line},3 +${line},3 @@\n-${before}\n+${after}\n ${line + 1}\n ${line + 2}\n`;
const job = (id: string, patches: readonly string[]): MergeJob => ({
  id,
  base: { kind: "patches", context: [] },
  patches: patches.map((patch) => Buffer.from(patch)),
});

describe("merging again", () => {
  const jobs = [
    job("conflict", [edit(1, "one", "first"), edit(1, "one", "eins")]),
    job("clean", [edit(1, "one", "first"), edit(60, "sixty", "sechzig")]),
    job("third", [
      edit(1, "one", "first"),
      edit(60, "sixty", "sechzig"),
      edit(60, "sixty", "soixante"),
    ]),
    job("broken", [edit(1, "one", "first"), "no patch at all"]),
  ];

  test("gives the text of the conflicts alone, as the merge itself counts them", async () => {
    const texts = await conflictTexts(jobs, never);
    expect([...texts.keys()].sort()).toEqual(["conflict", "third"]);
    expect(texts.get("conflict")).toMatchObject({
      at: 2,
      files: [{ path: "f", kind: "content", parts: [{ ours: ["eins"], theirs: ["first"] }] }],
    });
    expect(texts.get("third")).toMatchObject({
      at: 3,
      files: [{ parts: [{ ours: ["soixante"], theirs: ["sechzig"] }] }],
    });
    await using folder = quickScratch("page-test");
    for (const outcome of await mergeAttempts(jobs, { scratch: folder.path, concurrency: 2 })) {
      if ("fault" in outcome) throw outcome.fault;
      const found =
        texts.get(outcome.id)?.files.reduce((sum, { parts }) => sum + parts.length, 0) ?? 0;
      expect({ id: outcome.id, found }).toEqual({
        id: outcome.id,
        found: outcome.naive.conflicts.sections,
      });
    }
  });

  test("of nothing is nothing", async () => {
    expect(await conflictTexts([], never)).toEqual(new Map());
  });
});
