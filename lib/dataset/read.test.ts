// Owns the cases of folders that are hardly a dataset: odd names, links, patches that are none.
import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../testing.ts";
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
