import { describe, expect, test } from "bun:test";
import type { Grid, GridArm, GridAttempt, GridPair } from "./grid-form.ts";
import { rivalsOf, shownArms, viewOf } from "./grid-rules.ts";
import { hashOf, stateFrom } from "./grid-state.ts";

const ARMS: GridArm[] = [
  { name: "solo", kind: "solo", who: "mini, m" },
  { name: "coop", kind: "coop", who: "mini, m" },
  { name: "other", kind: "coop", who: "mini, n" },
  { name: "gold", kind: "gold", who: "gold, " },
];
const [SOLO, COOP, OTHER, GOLD] = [0, 1, 2, 3];

const attempt = (arm: number, passed: boolean | null, more: Partial<GridAttempt> = {}) => ({
  ...{ key: `${arm}`, path: "", arm, name: "try 1", passed, fault: false },
  ...{ found: passed ? "passed" : "failed", cause: "", way: "", cost: "", marks: [] },
  ...{ conflict: null, messages: null, text: passed ? "passed" : "failed" },
  ...more,
});
const pair = (
  features: string,
  attempts: GridAttempt[],
  more: Partial<GridPair> = {},
): GridPair => ({
  ...{ key: features, path: "", repo: "a_task", task: 1, features, difficulty: null, files: [] },
  ...{ attempts, text: `a_task task 1 ${features}` },
  ...more,
});
const gridOf = (...pairs: GridPair[]): Grid => ({ arms: ARMS, pairs });
const shown = (grid: Grid, chosen: Record<string, string>, arms: string[] = []) =>
  viewOf(grid, { chosen, arms }).pairs.map(({ features }) => features);

describe("filters of the grid", () => {
  const grid = gridOf(
    pair(
      "1,2",
      [
        attempt(SOLO, true),
        attempt(COOP, false, { cause: "conflict", conflict: true, messages: 0 }),
        attempt(GOLD, true, { conflict: false }),
      ],
      { files: ["src/a.ts", "src/b.ts"] },
    ),
    pair(
      "1,3",
      [
        attempt(SOLO, false, { cause: "patch lost" }),
        attempt(COOP, true, { conflict: false, messages: 2 }),
      ],
      { files: ["src/B.ts"] },
    ),
    pair("2,3", [attempt(SOLO, true), attempt(OTHER, false)], {
      repo: "b_task",
      text: "b_task task 1 2,3",
    }),
    pair("2,4", [
      attempt(SOLO, true),
      attempt(COOP, true),
      attempt(GOLD, false, { cause: "conflict", conflict: true }),
    ]),
    // One of three tries: less than always, more than never.
    pair("3,4", [
      attempt(SOLO, true),
      attempt(COOP, true),
      attempt(COOP, false),
      attempt(COOP, false),
    ]),
    pair("3,5", [
      attempt(SOLO, null, { fault: true, text: "fault no_image" }),
      attempt(COOP, false),
    ]),
    pair("4,5", [attempt(COOP, null, { text: "not scored" }), attempt(SOLO, true)]),
  );
  const all = ["1,2", "1,3", "2,4", "3,4", "3,5", "4,5", "2,3"];
  const cases: [chosen: Record<string, string>, expected: string[]][] = [
    [{}, all],
    [{ q: "" }, all],
    // Reference patches are no arm of agents: what they fail makes no difference.
    [{ differ: "yes" }, ["1,2", "1,3", "3,4", "2,3"]],
    // The other model has no solo arm, and another one of it is shown: it is compared with that one.
    [{ "coop-lost": "yes" }, ["1,2", "3,4", "2,3"]],
    [{ "solo-lost": "yes" }, ["1,3"]],
    [{ "coop-lost": "yes", "solo-lost": "yes" }, []],
    [{ repo: "b_task" }, ["2,3"]],
    [{ repo: "none" }, []],
    [{ cause: "conflict" }, ["1,2"]],
    [{ file: "b.ts" }, ["1,2", "1,3"]],
    [{ file: "src/a.ts" }, ["1,2"]],
    [{ conflict: "yes" }, ["1,2"]],
    [{ conflict: "no" }, ["1,3"]],
    [{ messages: "sent" }, ["1,3"]],
    [{ messages: "none" }, ["1,2"]],
    [{ q: "FAULT" }, ["3,5"]],
    [{ q: "no_image 3,5" }, ["3,5"]],
    [{ q: "b_task failed" }, ["2,3"]],
    [{ q: "b_task fault" }, []],
    [{ differ: "yes", file: "b.ts", messages: "sent" }, ["1,3"]],
  ];
  test.each(cases)("%j", (chosen, expected) => expect(shown(grid, chosen)).toEqual(expected));

  test("compare and look into columns that are shown, and leave out pairs without an attempt there", () => {
    expect(shown(grid, {}, ["other"])).toEqual(["2,3"]);
    expect(viewOf(grid, { chosen: {}, arms: ["other"] }).total).toBe(1);
    expect(shown(grid, { "coop-lost": "yes" }, ["solo", "other"])).toEqual(["2,3"]);
    expect(shown(grid, { differ: "yes" }, ["coop", "gold"])).toEqual([]);
    expect(shown(grid, { cause: "conflict" }, ["solo", "gold"])).toEqual([]);
    expect(shown(grid, { q: "not scored" }, ["solo"])).toEqual([]);
  });
});

test("coop is held against solo of the same agent and model, else against every solo arm", () => {
  const own = { coop: COOP, solo: SOLO };
  expect(rivalsOf(ARMS, [SOLO, COOP, OTHER, GOLD])).toEqual([own, { coop: OTHER, solo: SOLO }]);
  const second: GridArm[] = [...ARMS, { name: "solo n", kind: "solo", who: "mini, n" }];
  expect(rivalsOf(second, [SOLO, COOP, OTHER, 4])).toEqual([own, { coop: OTHER, solo: 4 }]);
  expect(rivalsOf(second, [COOP, GOLD])).toEqual([]);
});

describe("orders of the grid", () => {
  const at = (
    task: number,
    features: string,
    repo: string,
    difficulty: number | null,
    passed: boolean,
  ) => pair(features, [attempt(COOP, passed)], { task, repo, difficulty });
  const grid = gridOf(
    at(2, "1,2", "b", null, true),
    at(10, "1,2", "a", 0.5, false),
    at(2, "1,10", "a", 1, true),
    at(2, "1,9", "a", 0, false),
  );
  const cases: [sort: string, expected: string[]][] = [
    ["repo", ["a 2 1,9", "a 2 1,10", "a 10 1,2", "b 2 1,2"]],
    ["pair", ["b 2 1,2", "a 2 1,9", "a 2 1,10", "a 10 1,2"]],
    ["hardest", ["a 2 1,10", "a 10 1,2", "a 2 1,9", "b 2 1,2"]],
    ["easiest", ["a 2 1,9", "a 10 1,2", "a 2 1,10", "b 2 1,2"]],
    ["fewest", ["a 2 1,9", "a 10 1,2", "a 2 1,10", "b 2 1,2"]],
    ["most", ["a 2 1,10", "b 2 1,2", "a 2 1,9", "a 10 1,2"]],
    ["of another version", ["a 2 1,9", "a 2 1,10", "a 10 1,2", "b 2 1,2"]],
  ];
  test.each(cases)("%s", (sort, expected) => {
    const { pairs } = viewOf(grid, { chosen: { sort }, arms: [] });
    expect(pairs.map(({ repo, task, features }) => `${repo} ${task} ${features}`)).toEqual(
      expected,
    );
  });
});

test("of many columns those with the most attempts are shown unasked, in their order", () => {
  const arms = Array.from(
    { length: 12 },
    (_, at): GridArm => ({ name: `arm ${at}`, kind: "coop", who: "" }),
  );
  const attempts = arms.flatMap((_, arm) =>
    Array.from({ length: arm === 5 ? 0 : arm + 1 }, () => attempt(arm, true)),
  );
  const grid: Grid = { arms, pairs: [pair("1,2", attempts)] };
  expect(shownArms(grid, [])).toEqual([3, 4, 6, 7, 8, 9, 10, 11]);
  expect(shownArms(grid, ["arm 5", "arm 0", "unknown"])).toEqual([0, 5]);
  expect(shownArms(grid, ["unknown"])).toHaveLength(8);
});

describe("the address of the grid", () => {
  const states = [
    { chosen: {}, arms: [], marked: [] },
    {
      chosen: {
        q: "a&b=c #d",
        differ: "yes",
        sort: "hardest",
        at: "r/a_task/task1/features_1_2~2",
      },
      arms: ["coop, mini, some/model", "a+b"],
      marked: ["r/a_task/task1/features_1_2", "s+2/a_task/task1/features_1_2"],
    },
  ];
  test.each(states)("%j comes back", (state) => {
    expect(stateFrom(`#${hashOf(state)}`)).toEqual(state);
    expect(stateFrom(hashOf(state))).toEqual(state);
  });

  test("of something else is no choice", () => {
    const said = stateFrom("#nothing=1&q=&__proto__=x&mark=1&mark=2&mark=3");
    expect(said).toEqual({ chosen: {}, arms: [], marked: ["1", "2"] });
  });
});
