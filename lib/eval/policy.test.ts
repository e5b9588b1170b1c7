import { describe, expect, test } from "bun:test";
import {
  type Cause,
  MERGE_STATUSES,
  type MergeStatus,
  type Outcome,
  type Path,
  SUITE_OUTCOMES,
  type SuiteOutcome,
} from "../core/vocabulary.ts";
import { decidedPolicies, type PolicyInput, score, treesToTest } from "./policy.ts";

const POLICIES = ["naive", "union", "agent1"] as const;
const P: SuiteOutcome = "passed";
const F: SuiteOutcome = "failed";
const T: SuiteOutcome = "tests timed out";
const N: SuiteOutcome = "no tests ran";
const A: SuiteOutcome = "tests patch does not apply";
const M: SuiteOutcome = "out of memory";

type Case = [
  naive: MergeStatus,
  policy: PolicyInput["policy"],
  suites: PolicyInput["suites"],
  outcome: Outcome,
  path: Path | null,
];
const input = (fields: Partial<PolicyInput>): PolicyInput => ({
  policy: "union",
  setting: "coop",
  agents: ["submitted", "submitted"],
  naive: "clean",
  identical: false,
  suites: {},
  ...fields,
});

describe("two agents that handed in", () => {
  const CASES: Case[] = [
    ["clean", "naive", { naive: [P, P] }, "passed", "clean"],
    ["clean", "union", { naive: [P, P] }, "passed", "clean"],
    ["clean", "naive", { naive: [P, F] }, "failed", "clean"],
    ["clean", "union", { naive: [F, P] }, "failed", "clean"],
    ["clean", "union", { naive: [F, F] }, "failed", "clean"],
    ["clean", "union", { naive: [P, T] }, "tests timed out", "clean"],
    ["clean", "union", { naive: [F, T] }, "tests timed out", "clean"],
    ["clean", "union", { naive: [P, N] }, "no tests ran", "clean"],
    ["clean", "union", { naive: [N, N] }, "no tests ran", "clean"],
    ["clean", "union", { naive: [F, N] }, "failed", "clean"],
    ["clean", "union", { naive: [P, A] }, "failed", "clean"],
    ["clean", "union", { naive: [N, A] }, "failed", "clean"],
    ["clean", "union", { naive: [P, M] }, "failed", "clean"],
    ["clean", "agent1", { naive: [P, P] }, "passed", "clean"],
    ["clean", "agent1", { naive: [P, F], agent1: [P, P] }, "failed", "clean"],
    ["conflicts", "naive", { union: [P, P], agent1: [P, P] }, "conflict", null],
    ["conflicts", "union", { union: [P, F], agent1: [P, P] }, "failed", "union"],
    ["conflicts", "agent1", { union: [P, P], agent1: [P, F] }, "failed", "one patch"],
    ["conflicts", "agent1", { union: [F, F], agent1: [P, P] }, "passed", "one patch"],
    ["conflicts", "agent1", { union: [P, P] }, "conflict", null],
    ["apply_failed", "agent1", { agent1: [P, P] }, "patch does not apply", null],
    ["clean", "union", { naive: [P, P, P] }, "passed", "clean"],
    ["clean", "union", { naive: [P, P, F] }, "failed", "clean"],
    ["conflicts", "naive", { union: [P, P] }, "conflict", null],
    ["conflicts", "naive", { union: [F, F] }, "conflict", null],
    ["conflicts", "naive", {}, "conflict", null],
    ["conflicts", "union", { union: [P, P] }, "passed", "union"],
    ["conflicts", "union", { union: [P, F] }, "failed", "union"],
    ["conflicts", "union", { union: [T, F] }, "tests timed out", "union"],
    ["conflicts", "union", { union: [N, P] }, "no tests ran", "union"],
    ["conflicts", "union", {}, "conflict", null],
    ["apply_failed", "naive", {}, "patch does not apply", null],
    ["apply_failed", "union", {}, "patch does not apply", null],
    ["apply_failed", "union", { naive: [P, P] }, "patch does not apply", null],
  ];
  test.each(CASES)("%s under %s with %j: %s", (naive, policy, suites, outcome, path) => {
    const passed = outcome === "passed";
    expect(score(input({ naive, policy, suites }))).toMatchObject({ outcome, path, passed });
  });
});

describe("an agent without a patch", () => {
  const CASES: [
    agents: PolicyInput["agents"],
    suites: PolicyInput["suites"],
    outcome: Outcome,
    path: Path | null,
  ][] = [
    [["submitted", "empty patch"], { naive: [P, F] }, "empty patch", null],
    [["submitted", "empty patch"], { naive: [P, P] }, "passed", "one patch"],
    [["submitted", "patch too large"], { naive: [P, F] }, "patch too large", null],
    [["limit reached", "patch too large"], {}, "patch too large", null],
    [["submitted", "patch too large"], { naive: [P, P] }, "passed", "one patch"],
    [["submitted", "limit reached"], { naive: [P, F] }, "limit reached", null],
    [["submitted", "refused"], { naive: [P, F] }, "refused", null],
    [["limit reached", "refused"], {}, "refused", null],
    [["limit reached", "empty patch"], { naive: [F, F] }, "limit reached", null],
    [["empty patch", "empty patch"], {}, "empty patch", null],
    [["empty patch", "empty patch"], { naive: [F, F] }, "empty patch", null],
    [["submitted", "empty patch"], { naive: [P, T] }, "empty patch", null],
  ];
  for (const policy of POLICIES)
    test.each(CASES)(`under ${policy}: %j with %j is %s`, (agents, suites, outcome, path) => {
      const passed = outcome === "passed";
      const verdict = score(input({ naive: "empty", agents, policy, suites }));
      expect(verdict).toMatchObject({ outcome, path, passed });
    });

  test("a limit that left work is judged by its tests", () => {
    const agents = ["limit reached", "submitted"] as const;
    expect(score(input({ agents, suites: { naive: [P, P] } })).outcome).toBe("passed");
    expect(score(input({ agents, suites: { naive: [P, F] } })).outcome).toBe("failed");
  });
});

describe("solo", () => {
  const CASES: Case[] = [
    ["clean", "union", { naive: [P, P] }, "passed", "solo"],
    ["clean", "naive", { naive: [P, F] }, "failed", "solo"],
    ["empty", "union", { naive: [F, F] }, "empty patch", null],
    ["apply_failed", "union", {}, "patch does not apply", null],
  ];
  test.each(CASES)("%s under %s with %j: %s", (naive, policy, suites, outcome, path) => {
    const passed = outcome === "passed";
    const agents = [naive === "empty" ? "empty patch" : "submitted"] as const;
    const verdict = score(input({ setting: "solo", naive, policy, suites, agents }));
    expect(verdict).toMatchObject({ outcome, path, passed });
  });
});

test.each(POLICIES)(
  "equal patches have a path of their own under %s, but not in solo",
  (policy) => {
    const suites = { naive: [P, P] };
    expect(score(input({ policy, suites, identical: true })).path).toBe("identical");
    expect(score(input({ policy, suites, identical: true, setting: "solo" })).path).toBe("solo");
  },
);

describe("why a pair failed, where each patch was tested alone too", () => {
  const CASES: [naive: MergeStatus, suites: PolicyInput["suites"], cause: Cause | null][] = [
    ["clean", { naive: [P, P], alone: [P, F] }, null],
    ["clean", { naive: [P, F] }, null],
    ["clean", { naive: [P, F], alone: [P, P] }, "broken by merging"],
    ["clean", { naive: [P, F], alone: [P, F] }, "own feature broken"],
    ["conflicts", {}, "conflict"],
    ["conflicts", { union: [P, F] }, null],
    ["conflicts", { union: [P, F], alone: [P, P] }, "conflict"],
    ["conflicts", { union: [P, F], alone: [F, P] }, "own feature broken"],
    ["apply_failed", {}, "patch lost"],
    ["empty", { naive: [P, F] }, "patch lost"],
    ["empty", { naive: [P, P] }, null],
  ];
  test.each(CASES)("%s with %j: %j", (naive, suites, cause) => {
    expect(score(input({ naive, suites })).cause).toBe(cause);
  });
});

describe("whatever comes in", () => {
  const every = MERGE_STATUSES.flatMap((naive) =>
    POLICIES.flatMap((policy) =>
      SUITE_OUTCOMES.flatMap((one) =>
        SUITE_OUTCOMES.map((two) => ({ naive, policy, suites: [one, two] })),
      ),
    ),
  );

  test("a pair passes exactly when every suite passed on the tree its policy allows", () => {
    for (const { naive, policy, suites } of every) {
      const tree = naive === "conflicts" ? { union: suites, agent1: suites } : { naive: suites };
      const verdict = score(input({ naive, policy, suites: naive === "apply_failed" ? {} : tree }));
      const allowed = naive === "conflicts" ? policy !== "naive" : naive !== "apply_failed";
      const passed = allowed && suites.every((outcome) => outcome === "passed");
      expect(verdict.passed).toBe(passed);
      expect(verdict.outcome === "passed").toBe(passed);
      if (passed) expect(verdict.path).not.toBeNull();
    }
    expect(every).toHaveLength(4 * 3 * SUITE_OUTCOMES.length ** 2);
  });

  test("on a clean merge every policy says the same", () => {
    for (const suites of every.map((one) => one.suites)) {
      const verdicts = POLICIES.map((policy) =>
        score(input({ policy, suites: { naive: suites } })),
      );
      for (const verdict of verdicts) expect(verdict).toEqual(verdicts[0] as typeof verdict);
    }
  });

  test("no suite at all passes nothing", () => {
    expect(score(input({ suites: { naive: [] } })).passed).toBe(false);
  });

  test.each(POLICIES)("a clean merge that was not tested has no verdict under %s", (policy) => {
    expect(() => score(input({ policy, suites: {} }))).toThrow(RangeError);
  });
});

type Trees = Parameters<typeof treesToTest>[0];
type Asked = Parameters<typeof treesToTest>[1];
const CONFLICT = { naive: null, union: "b", agent1: "c" };
const TREES: [trees: Trees, asked: Asked, tested: readonly string[], decided: readonly string[]][] =
  [
    [{ naive: "a", union: "a", agent1: "c" }, POLICIES, ["naive"], POLICIES],
    [{ naive: "a", union: null, agent1: null }, ["agent1"], ["naive"], POLICIES],
    [CONFLICT, POLICIES, ["union", "agent1"], POLICIES],
    [CONFLICT, ["union"], ["union"], ["naive", "union"]],
    [CONFLICT, ["naive"], [], ["naive"]],
    [CONFLICT, ["agent1"], ["agent1"], ["naive", "agent1"]],
    [{ naive: null, union: "b", agent1: null }, POLICIES, ["union"], POLICIES],
    [{ naive: null, union: null, agent1: null }, ["union"], [], POLICIES],
  ];
test.each(TREES)(
  "of the trees %j under %j, %j are tested and %j decided",
  (trees, asked, tested, decided) => {
    expect<readonly string[]>(treesToTest(trees, asked)).toEqual(tested);
    expect<readonly string[]>(decidedPolicies(trees, asked)).toEqual(decided);
  },
);
