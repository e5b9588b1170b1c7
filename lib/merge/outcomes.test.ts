import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { mergeHere, mergeOne, numbered, Repository } from "./merge.fixture.ts";
import type { JobBase } from "./merge.ts";

setDefaultTimeout(120_000);

const bytes = (...values: number[]) => Uint8Array.from([0, 1, 2, 255, ...values]);
const text = (value: string) => new TextEncoder().encode(value);
const repository = await Repository.of({
  "text.txt": numbered(30),
  "data.bin": bytes(7),
  "script.sh": "echo hello\necho world\n",
  "blank.txt": "one\ntwo\nthree\nfour\n\n\n\n",
});
afterAll(() => repository[Symbol.dispose]());
const real: JobBase = { kind: "repository", git_dir: repository.git_dir, tree: "base" };

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
  const somePatch = () => repository.patch({ "text.txt": numbered(30, { 9: "a" }) });

  test("a job whose base is not there has a fault, the others a result", async () => {
    const patches = [await somePatch()];
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
      { id: "good", base: real, patches: [await somePatch()] },
    ]);
    expect(outcomes.map((one) => [one.id, "fault" in one])).toEqual([
      ["damaged", true],
      ["good", false],
    ]);
  });

  test("an abort ends the batch as interrupted", async () => {
    const aborted = mergeHere(
      [{ id: "one", base: real, patches: [await somePatch()] }],
      AbortSignal.abort(),
    );
    await expect(aborted).rejects.toMatchObject({ code: "interrupted" });
  });
});
