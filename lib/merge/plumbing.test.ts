import { expect, setDefaultTimeout, test } from "bun:test";
import { git } from "../core/git.ts";
import { temporaryFolder } from "../core/testing.ts";
import { diffTrees, mergeSingly, mergeTrees, readBlobs } from "./plumbing.ts";
import { importCommits, openWorkshop } from "./repository.ts";

setDefaultTimeout(120_000);

const NAMES = [
  "plain.txt",
  "line\nbreak.txt",
  "tab\there",
  "naïve",
  "invalid \udcff byte",
  ' "quoted" ',
];
const tree = (content: string, drop?: string) => ({
  files: new Map(
    NAMES.filter((name) => name !== drop).map((name) => [
      name,
      { content: Buffer.from(`${content}\n`), mode: "100644" },
    ]),
  ),
  unknown: [],
});

test("merges, diffs and blobs of a batch equal those of one process each", async () => {
  using folder = temporaryFolder("tandem-plumbing");
  const workshop = await openWorkshop(folder.path, [], undefined);
  const [base] = await importCommits(workshop, "naive", [{ tree: tree("base") }]);
  if (!base) throw new Error("no base");
  const roots = await importCommits(workshop, "naive", [
    { tree: tree("one") },
    { tree: tree("two") },
    { tree: tree("base", "plain.txt") },
  ]);
  const sides = await importCommits(
    workshop,
    "naive",
    roots.map((root) => ({ parent: base.commit, tree: root.tree })),
  );
  const requests = sides.flatMap((ours) =>
    [base, ...sides].map((theirs) => ({ ours: ours.commit, theirs: theirs.commit })),
  );
  const batch = await mergeTrees(workshop, "naive", requests);
  expect(batch).toEqual(await mergeSingly(workshop, "naive", requests));
  expect(batch.map(({ clean }) => clean)).toContain(true);
  const conflict = batch.find(({ clean }) => !clean);
  expect([...(conflict?.conflicted ?? [])].sort()).toEqual([...NAMES].sort());

  const pairs = [base, ...sides].flatMap((from) =>
    sides.map((to) => ({ from: from.tree, to: to.tree })),
  );
  const diffs = await diffTrees(workshop, pairs);
  for (const [at, { from, to }] of pairs.entries()) {
    const single = await git(["diff-tree", "-p", "--binary", "--full-index", from, to], {
      git_dir: workshop.dirs.naive,
    });
    expect(Buffer.from(diffs[at] ?? []).equals(single)).toBe(true);
  }

  const places = [...NAMES, "missing", "also\nmissing"].map((path) => ({ tree: base.tree, path }));
  const blobs = await readBlobs(workshop, [...places, ...places]);
  const expected = places.map((_, at) => (at < NAMES.length ? "base\n" : undefined));
  expect(blobs.map((blob) => blob?.toString())).toEqual([...expected, ...expected]);
});
