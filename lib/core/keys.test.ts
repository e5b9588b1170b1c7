import { describe, expect, test } from "bun:test";
import { UsageError } from "./fault.ts";
import {
  type AttemptId,
  attemptKey,
  checkedRunName,
  featureKey,
  kindOfKey,
  pairKey,
  parseAttemptKey,
  parsePairKey,
  sortedFeatures,
  taskKey,
} from "./keys.ts";

const pair = { repo: "go_chi_task", task_id: 26, features: [1, 2] };

describe("a key and its parts are each other's reverse", () => {
  const cases: [key: string, id: AttemptId][] = [
    ["my-run/go_chi_task/task26/features_1_2", { ...pair, run: "my-run", try: 1 }],
    ["my-run/go_chi_task/task26/features_1_2~2", { ...pair, run: "my-run", try: 2 }],
    ["r/go_chi_task/task0/features_1_2~10", { ...pair, task_id: 0, run: "r", try: 10 }],
    [
      "r/a.b-c_task/task1/features_2_10_11",
      { repo: "a.b-c_task", task_id: 1, features: [2, 10, 11], run: "r", try: 1 },
    ],
    [
      "solo-mini-git-gpt-4.1@2025+x=1/r_task/task1/features_0_1",
      {
        repo: "r_task",
        task_id: 1,
        features: [0, 1],
        run: "solo-mini-git-gpt-4.1@2025+x=1",
        try: 1,
      },
    ],
  ];
  test.each(cases)("%s", (key, id) => {
    expect(attemptKey(id)).toBe(key);
    expect(parseAttemptKey(key)).toEqual(id);
    const { run, try: _try, ...ofPair } = id;
    const short = key.slice(run.length + 1).replace(/~.*/, "");
    expect(pairKey(id)).toBe(short);
    expect(parsePairKey(short)).toEqual(ofPair);
    expect([kindOfKey(short), kindOfKey(key)]).toEqual(["pair", "attempt"]);
  });

  test("features are sorted as numbers, and the caller's list is left alone", () => {
    const features = [10, 2, 1];
    expect(pairKey({ ...pair, features })).toBe("go_chi_task/task26/features_1_2_10");
    expect(parsePairKey("go_chi_task/task26/features_10_2_1").features).toEqual([1, 2, 10]);
    expect(sortedFeatures(features)).toEqual([1, 2, 10]);
    expect(features).toEqual([10, 2, 1]);
  });

  test("tasks and features have theirs", () => {
    expect(taskKey({ repo: "r_task", task_id: 0 })).toBe("r_task/task0");
    expect(featureKey({ repo: "r_task", task_id: 0, feature_id: 3 })).toBe("r_task/task0/feature3");
  });
});

describe("texts that are no pair key", () => {
  const wrong = [
    "",
    "go_chi_task",
    "go_chi_task/task26",
    "go_chi_task/task26/features_1",
    "go_chi_task/task26/features_1_",
    "go_chi_task/task26/features_1_1",
    "go_chi_task/task26/features_1_01",
    "go_chi_task/task26/features_1_x",
    "go_chi_task/task26/features_1_-2",
    "go_chi_task/task/features_1_2",
    "go_chi_task/taskx/features_1_2",
    "go_chi_task/task26/features_1_2/",
    "go_chi_task/task26/features_1_2~2",
    "go_chi_task/task26/features_1_2\n",
    "../task26/features_1_2",
    "/task26/features_1_2",
    ".hidden/task26/features_1_2",
    "run/go_chi_task/task26/features_1_2",
    "go_chi_task/task66666666666666666/features_1_2",
    "go_chi_task/task26/features_1_2222222222222222222222",
  ];
  test.each(wrong)("%p", (text) => {
    expect(() => parsePairKey(text)).toThrow(UsageError);
  });
});

describe("texts that are no attempt key", () => {
  const wrong = [
    "",
    "go_chi_task/task26/features_1_2",
    "/go_chi_task/task26/features_1_2",
    "a/b/go_chi_task/task26/features_1_2",
    "../go_chi_task/task26/features_1_2",
    "a run/go_chi_task/task26/features_1_2",
    "run/go_chi_task/task26/features_1_2~",
    "run/go_chi_task/task26/features_1_2~0",
    "run/go_chi_task/task26/features_1_2~02",
    "run/go_chi_task/task26/features_1_2~2~3",
    "run/go_chi_task/task26/features_1_2~-2",
    "run/go_chi_task/task26/features_1_2~99999999999999999999",
    "run/go_chi_task/task26/features_1_2/agent1",
  ];
  test.each(wrong)("%p", (text) => {
    expect(() => parseAttemptKey(text)).toThrow(UsageError);
  });

  test("and a text of another number of parts is of no kind", () => {
    for (const text of ["", "x", "a/b", "a/b/c", "a/b/c/d/e"])
      expect(kindOfKey(text)).toBeUndefined();
  });
});

describe("run names", () => {
  const good = ["a", "0", "coop-mini-gpt-4o", "a.b", "A_b+c@d=e", "x".repeat(200)];
  test.each(good)("%s is one", (name) => {
    expect(checkedRunName(name)).toBe(name);
  });

  const wrong = [
    "",
    ".",
    "..",
    "a..b",
    "-n",
    ".hidden",
    "a/b",
    "a\\b",
    "a b",
    "a~2",
    "a\n",
    "ü",
    "a:b",
    "x".repeat(201),
  ];
  test.each(wrong)("%p is none", (name) => {
    expect(() => checkedRunName(name)).toThrow(UsageError);
    expect(() => attemptKey({ ...pair, run: name, try: 1 })).toThrow(UsageError);
  });
});
