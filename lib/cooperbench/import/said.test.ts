import { describe, expect, test } from "bun:test";
import { coopPair, exchangePlace, type Tree } from "../tree.fixture.ts";

const KEY = "theirs/demo_task/task1/features_1_2";
const whole = coopPair([1, 2]);

async function read(pair: Tree, path = "coop/demo_task/1/f1_f2") {
  const place = exchangePlace();
  place.write(`in/theirs/${path}`, pair);
  const { units } = await place.read("in");
  return { place, problems: units.flatMap((unit) => ("problems" in unit ? unit.problems : [])) };
}

describe("X8: the verdict alone", () => {
  const failed = {
    ...whole["eval.json"].json,
    ...{ both_passed: false, feature1: { passed: false }, feature2: { passed: true } },
  };
  const passes = { passed: true, tests_passed: 4, tests_failed: 0, reason: null };
  const fails = { passed: false, reason: "no_patch" };
  const alone = (
    feature_id: number,
    { passed, ...counts }: { passed: boolean; [x: string]: unknown },
  ) => ({
    feature_id,
    passed,
    tests_passed: counts.tests_passed ?? null,
    tests_failed: counts.tests_failed ?? null,
  });
  const cases: [what: string, tree: Tree, expected: object[] | null, cause: string | null][] = [
    [
      "is independent.json, by the features' numbers",
      { "independent.json": { json: { feature2: passes, feature3: fails } } },
      [alone(2, passes), alone(3, fails)],
      "own feature broken",
    ],
    [
      "is in eval.json, by the features' places",
      {
        "eval.json": {
          json: { ...failed, feature1_independent: passes, feature2_independent: passes },
        },
      },
      [alone(2, passes), alone(3, passes)],
      "broken by merging",
    ],
    [
      "is eval.json's where both have it",
      {
        "eval.json": { json: { ...failed, feature1_independent: fails } },
        "independent.json": { json: { feature2: passes, feature3: passes } },
      },
      [alone(2, fails), alone(3, passes)],
      "own feature broken",
    ],
    ["is none of a damaged file", { "independent.json": "{" }, null, null],
    [
      "is none where nothing says so",
      { "independent.json": { json: { feature2: {} } } },
      null,
      null,
    ],
  ];
  test.each(cases)("%s", async (_, tree, expected, cause) => {
    const pair = { ...coopPair([2, 3]), "eval.json": { json: failed }, ...tree };
    const { place } = await read(pair, "coop/demo_task/1/f2_f3");
    using _place = place;
    const key = KEY.replace("1_2", "2_3");
    expect(place.ledger.imported.find(key)?.alone).toEqual(expected as never);
    expect(place.ledger.scores.of(key, "imported")).toMatchObject({ passed: false, cause });
  });
});

describe("X9: a byte order mark", () => {
  const text = JSON.stringify(whole["result.json"].json);
  const cases: [what: string, bytes: Buffer][] = [
    ["of UTF-8", Buffer.from(`\ufeff${text}`)],
    ["of UTF-16, low byte first", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["of UTF-16, high byte first", Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ];
  test.each(cases)("%s does not hide what follows", async (_, bytes) => {
    const { place, problems } = await read({ ...whole, "result.json": bytes });
    using _place = place;
    expect(problems).toEqual([]);
    expect(place.ledger.runs.find("theirs")).toMatchObject({ model: "gemini/flash" });
  });
});

describe("X9: an eval.json that contradicts itself", () => {
  const good = { passed: true, exit_code: 0, tests_passed: 3, tests_failed: 0 };
  const bad = { passed: false, exit_code: 1, tests_passed: 2, tests_failed: 1 };
  const none: [what: string, said: object, problem: RegExp][] = [
    [
      "both passed, one did not",
      { both_passed: true, feature1: good, feature2: bad },
      /both_passed is true, feature1.passed is true and feature2.passed is false/,
    ],
    [
      "one did not, of the other nothing is told",
      { both_passed: true, feature1: {}, feature2: bad },
      /both_passed is true/,
    ],
    [
      "both did, both passed is false",
      { both_passed: false, feature1: good, feature2: good },
      /is false/,
    ],
    [
      "all of three",
      {
        all_passed: true,
        features: [
          { feature_id: 1, ...good },
          { feature_id: 2, ...bad },
          { feature_id: 3, ...good },
        ],
      },
      /all_passed is true.*features\[1\].passed is false/,
    ],
  ];
  test.each(none)("gives no verdict: %s", async (_, said, problem) => {
    const { place, problems } = await read({ ...whole, "eval.json": { json: said } });
    using _place = place;
    expect(problems.filter((one) => problem.test(one))).toHaveLength(1);
    expect(place.ledger.imported.find(KEY)?.passed).toBeNull();
  });

  const told: [what: string, said: object, passed: boolean, problem: RegExp | undefined][] = [
    [
      "a pass with exit status 1",
      { both_passed: true, feature1: { ...good, exit_code: 1 }, feature2: good },
      true,
      /feature1.passed is true, but exit_code is 1/,
    ],
    [
      "a pass of no test",
      { both_passed: true, feature1: good, feature2: { ...good, tests_passed: 0 } },
      true,
      /feature2.passed is true, but tests_passed is 0/,
    ],
    ["nothing odd", { both_passed: false, feature1: good, feature2: bad }, false, undefined],
    ["all of three", { all_passed: true, features: [good, good, good] }, true, undefined],
  ];
  test.each(told)("keeps its verdict: %s", async (_, said, passed, problem) => {
    const { place, problems } = await read({ ...whole, "eval.json": { json: said } });
    using _place = place;
    expect(place.ledger.imported.find(KEY)?.passed).toBe(passed);
    expect(problems.length).toBe(problem === undefined ? 0 : 1);
    if (problem) expect(problems[0]).toMatch(problem);
  });
});

test.each([
  ["result.json", "null"],
  ["result.json", "[]"],
  ["eval.json", '"passed"'],
  ["eval.json", "\ufeff[]"],
  ["independent.json", "true"],
])("X1: %s that holds no table is told: %s", async (name, text) => {
  const { place, problems } = await read({ ...whole, [name]: text });
  using _ = place;
  expect(problems).toContain(`${name} is not a table of names and values: nothing is read from it`);
});
