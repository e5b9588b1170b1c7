import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../core/files.ts";
import { type Files, mergeHere, mergeOne, numbered, Repository } from "./merge.fixture.ts";
import type { JobBase } from "./merge.ts";

// Dozens of git processes a case, on whatever machine this is.
setDefaultTimeout(120_000);

const crlf = (text: string) => text.replaceAll("\n", "\r\n");
const bytes = (...values: number[]) => Uint8Array.from([0, 1, 2, 255, ...values]);

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
