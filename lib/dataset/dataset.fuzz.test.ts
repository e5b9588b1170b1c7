import { describe, expect } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { fuzz, unlessRefused } from "../core/fuzz.fixture.ts";
import { floods, recordLike, texts } from "../core/fuzz-inputs.fixture.ts";
import { parseAttemptKey, parsePairKey } from "../core/keys.ts";
import { temporaryFolder } from "../core/testing.ts";
import { PATCHES } from "../patch/patch-fuzz.fixture.ts";
import type { HubFile } from "./hub-file.ts";
import { rangeStart } from "./hub-http.ts";
import { checkNames, wantedFile } from "./hub-tree.ts";
import { readDataset } from "./read.ts";
import { makeSubset, parseSubset, subsetPairs, subsetText } from "./subset.ts";

const PARTS = [
  "dataset/",
  "a_task/",
  "task1/",
  "subsets/",
  "README.md",
  "..",
  ".",
  "/",
  "\\",
  "C:",
  "feature1",
  ".part",
  "x",
  "\0",
  "//",
];
const path = texts({
  tokens: PARTS,
  seeds: ["dataset/a_task/task1/feature1/feature.patch", "subsets/lite.json"],
});
const oid = "0".repeat(40);

describe("the hub's listing", () => {
  fuzz("names files inside the folder, or is refused", { runs: 56_000, input: path }, (path) => {
    const file = unlessRefused(() => wantedFile({ path, size: 1, oid }));
    if (!file) return;
    expect(resolve("/into", file.target)).toBe(`/into/${file.target}`);
    expect(file.target.includes("\0") || file.target.includes("\\")).toBe(false);
    expect(path.endsWith(file.target)).toBe(true);
  });

  fuzz(
    "that is taken can be written, every file and its part",
    { runs: 10_500, input: fc.array(path, { maxLength: 8 }) },
    (paths) => {
      const files = new Map<string, HubFile>();
      for (const path of paths) {
        const file = unlessRefused(() => wantedFile({ path, size: 1, oid }));
        if (file) files.set(file.target, file);
      }
      if (unlessRefused(() => checkNames("it", files) ?? true) === undefined) return;
      const names = [...files.keys()].flatMap((name) => [name, `${name}.part`]);
      expect(new Set(names).size).toBe(names.length);
      const folders = new Set(names.flatMap(foldersOf));
      expect(names.filter((name) => folders.has(name))).toEqual([]);
    },
  );

  const header = texts({ tokens: ["bytes ", "0", "-", "/", "*", "99999999999999999999"] }).filter(
    (text) => /^[\x21-\x7e ]*$/.test(text),
  );
  fuzz("range is a number or none", { runs: 3_500, input: header }, (range) => {
    const start = rangeStart(
      new Response("", { status: 206, headers: { "content-range": range } }),
    );
    expect(Number.isNaN(start) || start >= 0).toBe(true);
  });

  fuzz("of floods is read in time", { runs: 60, input: floods(PARTS) }, (path) => {
    unlessRefused(() => wantedFile({ path, size: 1, oid }));
  });
});

function foldersOf(name: string): string[] {
  const folder = dirname(name);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}

const SUBSET =
  '{"name":"lite","description":"d","stats":{"tasks":1,"pairs":2,"repos":1},"tasks":[{"repo":"a_task","task_id":1,"pairs":[[1,2],[2,3]]},{"repo":"b_task","task_id":2}]}';
const FIELDS = [
  "name",
  "description",
  "stats",
  "tasks",
  "pairs",
  "repos",
  "repo",
  "task_id",
  "a_task",
  "lite",
];
const subset = fc.oneof(
  texts({
    seeds: [SUBSET],
    tokens: [
      ...FIELDS.map((name) => `"${name}":`),
      "[1,2]",
      "[2,1]",
      "1e999",
      "-1",
      "{",
      "}",
      "[",
      "]",
      ",",
    ],
  }),
  recordLike(FIELDS).map((value) => JSON.stringify({ ...JSON.parse(SUBSET), ...value })),
);
const DATASET = [
  { repo: "a_task", task_id: 1, feature_ids: [1, 2, 3] },
  { repo: "b_task", task_id: 2, feature_ids: [1, 4] },
];

describe("a subset", () => {
  fuzz(
    "is refused, or is the same when it is written and read",
    { runs: 28_000, input: subset },
    (text) => {
      const read = unlessRefused(() => parseSubset(text, "x.json"));
      if (!read) return;
      // As texts: JSON knows a number below nothing that is nothing.
      expect(subsetText(parseSubset(subsetText(read), "x.json"))).toBe(subsetText(read));
      for (const pair of unlessRefused(() => subsetPairs(read, DATASET)) ?? [])
        expect(
          DATASET.find(({ repo, task_id }) => repo === pair.repo && task_id === pair.task_id)
            ?.feature_ids,
        ).toEqual(expect.arrayContaining([...pair.features]));
    },
  );

  const pair = fc.record({
    repo: fc.constantFrom("a_task", "b_task"),
    task_id: fc.nat(300),
    features: fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }),
  });
  fuzz(
    "of members holds these members, pairs or groups",
    { runs: 5_600, input: fc.array(pair, { maxLength: 6 }) },
    (pairs) => {
      const made = unlessRefused(() => makeSubset({ name: "x", description: "", pairs }));
      if (!made) return;
      const members = made.tasks.flatMap(({ pairs, groups }) => pairs ?? groups ?? []);
      expect(members).toHaveLength(pairs.length);
    },
  );
});

const repo = fc.constantFrom(
  "a_task",
  "b c_task",
  ".x_task",
  "é_task",
  "a\nb_task",
  "..._task",
  "x",
);
const task = fc.constantFrom(
  "task1",
  "task01",
  "task0",
  "task99999999999999999999",
  "task-1",
  "taskx",
);
const feature = fc.constantFrom(
  "feature1",
  "feature2",
  "feature02",
  "feature10",
  "feature99999999999999999999",
  "other",
);
const file = fc.constantFrom("feature.md", "feature.patch", "tests.patch");
const content = fc.constantFrom(
  "# Title: x\n",
  "",
  PATCHES[0] ?? "",
  "@@ -1 +1 @@\n".repeat(300),
  "\xff\xfe",
);
const place = fc.tuple(repo, task, feature, content, fc.option(file, { freq: 3 }));

describe("a folder", () => {
  const places = fc.array(place, { minLength: 1, maxLength: 6 });
  fuzz(
    "of any names is a dataset whose keys are keys and whose texts are its own",
    { runs: 300, input: places },
    (places) => {
      using folder = temporaryFolder();
      const [root, secret] = [join(folder.path, "root"), join(folder.path, "secret")];
      writeFileSync(secret, "SECRET");
      mkdirSync(root);
      for (const [repo, task, feature, text, linked] of places) {
        const into = join(root, repo, task, feature);
        mkdirSync(into, { recursive: true });
        for (const name of ["feature.md", "feature.patch", "tests.patch"])
          if (name === linked) unlessThere(() => symlinkSync(secret, join(into, name)));
          else
            unlessThere(() =>
              writeFileSync(join(into, name), text, { flag: "wx", encoding: "latin1" }),
            );
      }
      const { tasks } = readDataset(root, "dataset");
      const pairs = tasks.flatMap((task) => task.pairs);
      for (const { pair_key, features } of pairs) {
        expect(parsePairKey(pair_key).features).toEqual(features);
        parseAttemptKey(`run/${pair_key}`);
      }
      expect(new Set(pairs.map(({ pair_key }) => pair_key)).size).toBe(pairs.length);
      expect(JSON.stringify(tasks.flatMap(({ features }) => features)).includes("SECRET")).toBe(
        false,
      );
    },
  );
});

function unlessThere(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
