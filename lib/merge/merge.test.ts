// Owns the proof that merging in plumbing equals git's own merge, and that nothing else can pass for a merge.
import { afterAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../files.ts";
import { type Files, mergeHere, mergeOne, numbered, Repository } from "./merge.fixture.ts";
import type { JobBase } from "./merge.ts";

const crlf = (text: string) => text.replaceAll("\n", "\r\n");
const bytes = (...values: number[]) => Uint8Array.from([0, 1, 2, 255, ...values]);
const text = (value: string) => new TextEncoder().encode(value);

const BASE: Files = {
  "text.txt": numbered(30),
  "windows.txt": crlf(numbered(12)),
  "no-newline.txt": numbered(9).trimEnd(),
  "data.bin": bytes(7),
  "script.sh": "echo hello\necho world\n",
  "sub dir/naïve name.txt": numbered(25),
  pointer: { link: "text.txt" },
  "blank.txt": "one\ntwo\nthree\nfour\n\n\n\n",
};
const repository = await Repository.of(BASE);
afterAll(() => repository[Symbol.dispose]());
const real: JobBase = { kind: "repository", git_dir: repository.git_dir, tree: "base" };

const MERGES: [name: string, ...changes: Files[]][] = [
  ["different files", { "text.txt": numbered(30, { 2: "two" }) }, { "script.sh": "echo bye\n" }],
  [
    "far lines",
    { "text.txt": numbered(30, { 2: "two" }) },
    { "text.txt": numbered(30, { 28: "x" }) },
  ],
  ["one line", { "text.txt": numbered(30, { 9: "a" }) }, { "text.txt": numbered(30, { 9: "b" }) }],
  [
    "neighbours",
    { "text.txt": numbered(30, { 9: "a" }) },
    { "text.txt": numbered(30, { 10: "b" }) },
  ],
  [
    "the same change",
    { "text.txt": numbered(30, { 9: "a" }) },
    { "text.txt": numbered(30, { 9: "a" }) },
  ],
  [
    "inserts at one gap",
    { "text.txt": numbered(30, { 9: "line 9\na" }) },
    { "text.txt": numbered(30, { 9: "line 9\nb" }) },
  ],
  [
    "CRLF, far",
    { "windows.txt": crlf(numbered(12, { 1: "a" })) },
    { "windows.txt": crlf(numbered(12, { 11: "b" })) },
  ],
  [
    "CRLF, one line",
    { "windows.txt": crlf(numbered(12, { 5: "a" })) },
    { "windows.txt": crlf(numbered(12, { 5: "b" })) },
  ],
  [
    "no final newline, far",
    { "no-newline.txt": numbered(9, { 1: "a" }).trimEnd() },
    { "no-newline.txt": numbered(9) },
  ],
  [
    "no final newline, end",
    { "no-newline.txt": `${numbered(9)}a` },
    { "no-newline.txt": `${numbered(9)}b` },
  ],
  ["binary beside text", { "data.bin": bytes(8, 9) }, { "text.txt": numbered(30, { 2: "two" }) }],
  ["binary on both sides", { "data.bin": bytes(8) }, { "data.bin": bytes(9) }],
  [
    "mode beside content",
    { "script.sh": { run: "echo hello\necho world\n" } },
    { "script.sh": "echo hello\necho you\n" },
  ],
  [
    "rename beside content",
    { "sub dir/naïve name.txt": null, "moved.txt": numbered(25) },
    { "sub dir/naïve name.txt": numbered(25, { 3: "x" }) },
  ],
  [
    "renames to two names",
    { "sub dir/naïve name.txt": null, "a.txt": numbered(25) },
    { "sub dir/naïve name.txt": null, "b.txt": numbered(25) },
  ],
  ["modify against delete", { "script.sh": null }, { "script.sh": "echo hello\necho you\n" }],
  ["both add, same", { "new.txt": "a\n" }, { "new.txt": "a\n" }],
  ["both add, differing", { "new.txt": "a\n" }, { "new.txt": "b\n" }],
  ["file against folder", { thing: "a\n" }, { "thing/inside.txt": "b\n" }],
  [
    "symbolic links",
    { pointer: { link: "script.sh" } },
    { "text.txt": numbered(30, { 2: "two" }) },
  ],
  [
    "symbolic links on both sides",
    { pointer: { link: "script.sh" } },
    { pointer: { link: "data.bin" } },
  ],
  [
    "ends in blank context lines",
    { "blank.txt": "one\ntwo\nthree\n4\n\n\n\n" },
    { "blank.txt": "1\ntwo\nthree\nfour\n\n\n\n" },
  ],
  [
    "three, clean",
    { "text.txt": numbered(30, { 2: "a" }) },
    { "text.txt": numbered(30, { 15: "b" }) },
    { "text.txt": numbered(30, { 28: "c" }) },
  ],
  [
    "three, third conflicts",
    { "text.txt": numbered(30, { 2: "a" }) },
    { "text.txt": numbered(30, { 15: "b" }) },
    { "text.txt": numbered(30, { 2: "c" }) },
  ],
  [
    "three, second conflicts",
    { "text.txt": numbered(30, { 2: "a" }) },
    { "text.txt": numbered(30, { 2: "b" }) },
    { "text.txt": numbered(30, { 9: "c" }) },
  ],
  [
    "three at one gap",
    { "text.txt": numbered(30, { 9: "line 9\na" }) },
    { "text.txt": numbered(30, { 9: "line 9\nb" }) },
    { "text.txt": numbered(30, { 9: "line 9\nc" }) },
  ],
  ["four, clean", ...[1, 9, 17, 25].map((line) => ({ "text.txt": numbered(30, { [line]: "x" }) }))],
];

const patchesOf = async (changes: readonly Files[]) => {
  const patches: Uint8Array[] = [];
  for (const change of changes) patches.push(await repository.patch(change));
  return patches;
};

describe("merging equals git merge in a checkout", () => {
  test.each(MERGES)("%s", async (_, ...changes) => {
    const patches = await patchesOf(changes);
    const outcome = await mergeOne({ base: real, patches });
    const told = (result: typeof outcome.union) =>
      result.tree ?? `conflict at ${result.conflict_at}`;
    expect(told(outcome.naive)).toBe(await repository.merged(patches, false));
    if (patches.length === 2)
      expect(told(outcome.union)).toBe(await repository.merged(patches, true));
    expect(outcome.status).toBe(outcome.naive.tree ? "clean" : "conflicts");
    expect(outcome.naive.conflicts.score > 0).toBe(outcome.status === "conflicts");
    expect(outcome.patches.map(({ status }) => status)).toEqual(patches.map(() => "applied"));
    for (const { tree, diff } of [outcome.naive, outcome.union])
      if (diff) expect((await repository.applied(diff)).tree).toBe(String(tree));
  });

  test("a base made from the patches decides the same, in one batch", async () => {
    // Of a binary file the patches show the old bytes only as far as git chose to; of a renamed one, nothing.
    const shown = MERGES.filter(([name]) => !/^rename/.test(name));
    const jobs = [];
    for (const [id, ...changes] of shown) {
      const patches = await patchesOf(changes);
      jobs.push({ id: `${id} on the tree`, base: real, patches });
      jobs.push({
        id: `${id} on patches`,
        base: { kind: "patches" as const, context: [] },
        patches,
      });
    }
    const outcomes = await mergeHere(jobs);
    const told = outcomes.map((outcome) => {
      if ("fault" in outcome) throw outcome.fault;
      const { naive, union } = outcome;
      return [naive.status, naive.conflict_at, naive.conflicts.score, union.status];
    });
    for (const [at, job] of jobs.entries())
      if (at % 2 === 1) expect([job.id, told[at]]).toEqual([job.id, told[at - 1]]);
  });

  test("the lines of a union are ordered: the later agent's first", async () => {
    const patches = await patchesOf(
      ["a", "b", "c"].map((word) => ({ "text.txt": numbered(30, { 9: `line 9\n${word}` }) })),
    );
    const { naive, union } = await mergeOne({ base: real, patches });
    expect(naive).toMatchObject({ status: "conflicts", conflict_at: 2 });
    const { read } = await repository.applied(union.diff ?? new Uint8Array());
    expect(await read("text.txt")).toBe(numbered(30, { 9: "line 9\nc\nb\na" }));
  });

  test("reading a repository leaves it as it was", async () => {
    const state = () =>
      readdirSync(repository.git_dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => `${path} ${sha256(readFileSync(path))}`);
    const patches = await patchesOf([{ "text.txt": "a\n" }, { "text.txt": "b\n" }]);
    const before = state();
    await mergeOne({ base: real, patches });
    expect(state()).toEqual(before);
  });
});

describe("what is not a merge is not called clean", () => {
  const change = { "text.txt": numbered(30, { 9: "a" }) };
  const other = { "text.txt": numbered(30, { 25: "b" }) };
  const created = (path: string, mode = "100644", line = "x") =>
    `diff --git a/${path} b/${path}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`;

  test.each([
    ["both empty", "", " \n\t\r\n", "empty", [1, 2], false],
    ["first empty", "", undefined, "empty", [1], true],
    ["second empty", undefined, "\n", "empty", [2], true],
    ["no patch at all", "I fixed it!\n", undefined, "apply_failed", [1], false],
    ["empty and failing", "", "I fixed it!\n", "apply_failed", [2], false],
    [
      "context that is not there",
      undefined,
      "diff --git a/text.txt b/text.txt\n--- a/text.txt\n+++ b/text.txt\n@@ -1,2 +1,2 @@\n nowhere\n-line 2\n+x\n",
      "apply_failed",
      [2],
      false,
    ],
    ["out of the tree", created("../escaped.txt"), undefined, "apply_failed", [1], false],
    [
      "into .git",
      created(".git/hooks/pre-commit", "100755"),
      undefined,
      "apply_failed",
      [1],
      false,
    ],
    [
      "through a link",
      `${created("out", "120000", "/tmp")}${created("out/x")}`,
      undefined,
      "apply_failed",
      [1],
      false,
    ],
    [
      "a file that is there",
      created("text.txt"),
      created("script.sh"),
      "apply_failed",
      [1, 2],
      false,
    ],
  ] as const)("%s", async (_, first, second, status, agents, merged) => {
    const patches = [
      first === undefined ? await repository.patch(change) : text(first),
      second === undefined ? await repository.patch(other) : text(second),
    ];
    const outcome = await mergeOne({ base: real, patches });
    expect({ ...outcome, agents: [...outcome.agents] }).toMatchObject({
      status,
      agents: [...agents],
    });
    for (const result of [outcome.naive, outcome.union]) {
      expect(result.status).toBe(status);
      expect(result.tree !== undefined).toBe(merged);
      expect(result.diff !== undefined).toBe(merged);
    }
    for (const [at, patch] of outcome.patches.entries())
      if (patch.status === "failed")
        expect([at + 1, patch.reason?.includes("\n")]).toEqual([at + 1, false]);
  });

  test("a binary change without its data names the file", async () => {
    const patch = await repository.patch({ "data.bin": bytes(8) }, []);
    const outcome = await mergeOne({ base: real, patches: [patch] });
    expect(outcome.status).toBe("apply_failed");
    expect(outcome.patches[0]?.reason).toContain("data.bin");
  });

  test("a trimmed patch is repaired by its newline only, and that is recorded", async () => {
    const whole = await repository.patch(change);
    const trimmed = whole.subarray(0, whole.length - 1);
    const [repaired, untouched] = [
      await mergeOne({ base: real, patches: [trimmed] }),
      await mergeOne({ base: real, patches: [whole] }),
    ];
    expect(repaired.patches[0]?.repairs).toEqual(["final newline added"]);
    expect(untouched.patches[0]?.repairs).toEqual([]);
    expect(repaired.naive.tree).toBe(String(untouched.naive.tree));
    const blank = await repository.patch({ "blank.txt": "one\ntwo\nthree\n4\n\n\n\n" });
    const lost = await mergeOne({ base: real, patches: [text(blank.toString().trim())] });
    expect(lost.status).toBe("apply_failed");
  });

  test("solo: one patch is its own merge", async () => {
    const outcome = await mergeOne({ base: real, patches: [await repository.patch(change)] });
    expect(outcome).toMatchObject({ status: "clean", agents: [], naive: { status: "clean" } });
    expect(outcome.naive.tree).toBe(String(outcome.patches[0]?.tree));
    expect(outcome.union.tree).toBe(String(outcome.naive.tree));
  });
});

describe("trouble of the laboratory", () => {
  const patch = repository.patch({ "text.txt": numbered(30, { 9: "a" }) });

  test("a job whose base is not there has a fault, the others a result", async () => {
    const patches = [await patch];
    const outcomes = await mergeHere([
      { id: "gone", base: { ...real, git_dir: join(repository.git_dir, "gone") }, patches },
      { id: "good", base: real, patches },
      { id: "no tree", base: { ...real, tree: "no-such-branch" }, patches },
      { id: "option", base: { ...real, tree: "--help" }, patches },
    ]);
    const told = outcomes.map((one) => [one.id, "fault" in one ? one.fault.code : one.status]);
    expect(told).toEqual([
      ["gone", "git_failed"],
      ["good", "clean"],
      ["no tree", "git_failed"],
      ["option", "git_failed"],
    ]);
  });

  test("a repository that lost an object fails its own jobs only", async () => {
    using damaged = await Repository.of({ "a.txt": "a\n", "b.txt": numbered(20) });
    const changes = await damaged.patch({ "b.txt": numbered(20, { 3: "x" }) });
    const others = await damaged.patch({ "b.txt": numbered(20, { 3: "y" }) });
    const blob = await damaged.run("rev-parse", "base:b.txt");
    await Bun.file(join(damaged.git_dir, "objects", blob.slice(0, 2), blob.slice(2))).delete();
    const base: JobBase = { kind: "repository", git_dir: damaged.git_dir, tree: "base" };
    const outcomes = await mergeHere([
      { id: "damaged", base, patches: [changes, others] },
      { id: "good", base: real, patches: [await patch] },
    ]);
    expect(outcomes.map((one) => [one.id, "fault" in one])).toEqual([
      ["damaged", true],
      ["good", false],
    ]);
  });

  test("an abort ends the batch as interrupted", async () => {
    const aborted = mergeHere(
      [{ id: "one", base: real, patches: [await patch] }],
      AbortSignal.abort(),
    );
    expect(aborted).rejects.toMatchObject({ code: "interrupted" });
  });
});
