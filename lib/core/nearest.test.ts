import { describe, expect, test } from "bun:test";
import { editDistance, near, nearest, unknownName } from "./nearest.ts";

describe("editDistance", () => {
  const cases: [left: string, right: string, edits: number][] = [
    ["", "", 0],
    ["abc", "abc", 0],
    ["", "abc", 3],
    ["abc", "abd", 1],
    ["abc", "ab", 1],
    ["abc", "xabc", 1],
    ["ab", "ba", 1],
    ["abcd", "acbd", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
    ["a cat", "an act", 2],
    ["abab", "baba", 2],
    ["features", "faetuers", 2],
  ];
  test.each(cases)("%p to %p is %p, both ways", (left, right, edits) => {
    expect(editDistance(left, right)).toBe(edits);
    expect(editDistance(right, left)).toBe(edits);
  });

  test("no shortcut by a third word for texts without transpositions", () => {
    const words = ["", "a", "b", "aa", "bb", "aab", "bba", "abc"];
    for (const x of words)
      for (const y of words) {
        expect(editDistance(x, y) === 0).toBe(x === y);
        expect(editDistance(x, y)).toBeLessThanOrEqual(Math.max(x.length, y.length));
        expect(editDistance(x, y)).toBeGreaterThanOrEqual(Math.abs(x.length - y.length));
      }
  });
});

describe("nearest", () => {
  const repos = [
    "go_chi_task",
    "pallets_click_task",
    "pallets_jinja_task",
    "pillow_task",
    "typst_task",
  ];
  const cases: [wanted: string, names: string[], expected: string | undefined][] = [
    ["go_chi", repos, "go_chi_task"],
    ["clikc", ["check", "click", "clock"], "click"],
    ["pallets_clik_task", repos, "pallets_click_task"],
    ["jinja", repos, "pallets_jinja_task"],
    ["PILLOW_TASK", repos, "pillow_task"],
    ["--concurency", ["--name", "--concurrency", "--config"], "--concurrency"],
    ["x", ["y", "z"], "y"],
    ["anything", [], undefined],
    ["", ["b", "ab"], "b"],
  ];
  test.each(cases)("%p among %p", (wanted, names, expected) => {
    expect(nearest(wanted, names)).toBe(expected);
    expect(nearest(wanted, new Set(names))).toBe(expected);
  });
});

describe("U6: near", () => {
  const parts = ["runs", "outcomes", "paths", "causes", "repos", "comparisons", "cost"];
  const cases: [wanted: string, names: string[], expected: string | undefined][] = [
    ["nope", ["x"], undefined],
    ["nope", parts, undefined],
    ["everything", parts, undefined],
    ["", parts, undefined],
    ["x", ["y", "z"], undefined],
    ["q", ["gold", "coop", "solo"], undefined],
    ["outcome", parts, "outcomes"],
    ["compare", parts, undefined],
    ["comparison", parts, "comparisons"],
    ["PATHS", parts, "paths"],
    ["pahts", parts, "paths"],
    ["golt", ["gold", "coop"], "gold"],
    ["go", ["go_chi_task", "pillow_task"], "go_chi_task"],
    ["click", ["go_chi_task", "pallets_click_task"], "pallets_click_task"],
    ["--log-dir", ["--ledger", "--name"], undefined],
    ["12", ["1", "2"], undefined],
    ["7", ["1", "17"], undefined],
    ["1656", ["1655", "1371"], "1655"],
  ];
  test.each(cases)("%p among %p", (wanted, names, expected) => {
    expect(near(wanted, names)).toBe(expected);
  });

  test("what is not near is listed instead, when it is not many", () => {
    expect(unknownName("arm", "nope", ["gold", "coop"])).toBe(
      'unknown arm "nope" (there are gold, coop)',
    );
    expect(unknownName("arm", "nope", ["x"])).toBe('unknown arm "nope" (there is x)');
    const many = Array.from({ length: 17 }, (_, index) => `feature-${index}`);
    expect(unknownName("arm", "nope", many)).toBe('unknown arm "nope"');
  });
});

test("unknownName is one sentence, with an offer where there is one", () => {
  expect(unknownName("repo", "clic", ["pallets_click_task"])).toBe(
    'unknown repo "clic": did you mean "pallets_click_task"?',
  );
  expect(unknownName("repo", "clic", [])).toBe('unknown repo "clic"');
});
