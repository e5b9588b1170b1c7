import { describe, expect, test } from "bun:test";
import { knownFile, outcomeOf, parsePairFolder, releasedName, releasedPair } from "./forms.ts";

describe("a pair's folder", () => {
  test.each([
    ["f1_f2", { features: [1, 2], try: 1, documented: false }],
    ["f10_f2", { features: [10, 2], try: 1, documented: false }],
    ["f1_f2_f3", { features: [1, 2, 3], try: 1, documented: false }],
    ["features_1_2", { features: [1, 2], try: 1, documented: true }],
    ["features_1_2~3", { features: [1, 2], try: 3, documented: true }],
    ["f1", undefined],
    ["f1_f1", undefined],
    ["f1_f2~2", undefined],
    ["features_1", undefined],
    ["features_1_2~0", undefined],
    ["f1_f2.bak", undefined],
    ["..", undefined],
  ])("%s", (name, expected) => {
    expect(parsePairFolder(name)).toEqual(expected);
  });
});

describe("a file", () => {
  test.each([
    ["agent7.patch", { kind: "patch", feature_id: 7 }],
    ["agent7_traj.json", { kind: "trajectory", feature_id: 7 }],
    ["agent2_full_traj.json", { kind: "full_trajectory", agent_id: "agent2" }],
    ["solo.patch", { kind: "patch", agent_id: "agent1" }],
    ["solo_traj.json", { kind: "trajectory", agent_id: "agent1" }],
    ["solo_full_traj.json", { kind: "full_trajectory", agent_id: "agent1" }],
    ["agent2/patch.diff", { kind: "patch", agent_id: "agent2" }],
    ["solo/trajectory.json", { kind: "trajectory", agent_id: "agent1" }],
    ["agent2/full_trajectory.json", { kind: "full_trajectory", agent_id: "agent2" }],
    ["result.json", { kind: "result" }],
    ["agent.patch", undefined],
    ["agent1/result.json", undefined],
    ["x/agent1.patch", undefined],
    ["agent1.patch\n", undefined],
  ])("%j", (path, expected) => {
    expect(knownFile(path)).toEqual(expected as ReturnType<typeof knownFile>);
  });

  test("is found again under the name that it is given", () => {
    for (const setting of ["coop", "solo"])
      for (const kind of ["patch", "trajectory", "full_trajectory"] as const) {
        const name = releasedName(kind, { setting, agent_id: "agent1", feature_id: 5 });
        expect(knownFile(name)?.kind).toBe(kind);
      }
    expect(parsePairFolder(releasedPair([3, 11]))?.features).toEqual([3, 11]);
  });
});

test.each([
  ["Submitted", "x", "submitted"],
  ["Submitted", "", "empty patch"],
  ["LimitsExceeded", "x", "limit reached"],
  ["LimitsExceeded", "", "limit reached"],
  ["Error", "", "empty patch"],
  [undefined, "x", "submitted"],
])("status %s with the patch %j is %s", (status, patch, outcome) => {
  expect(outcomeOf(status, Buffer.from(patch))).toBe(outcome as ReturnType<typeof outcomeOf>);
});
