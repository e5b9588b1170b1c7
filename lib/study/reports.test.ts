import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import type { Policy } from "../core/vocabulary.ts";
import { parseStudy } from "./file.ts";

const GOLD = 'name = "x"\n[arms.gold]\nagent = "gold"\n';

function wordsOf(text: string): string {
  try {
    parseStudy(text, { path: "study.toml" });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "a study";
}

describe("U3: what a report shows unless it says is the default that every script has", () => {
  const policyOf = (policies: string) =>
    parseStudy(
      `name = "x"\n[arms.gold]\nagent = "gold"\n[evaluation]\npolicies = ${policies}\n[[reports]]\npath = "a.md"`,
      { path: "study.toml" },
    ).reports[0]?.policy;

  test.each([
    ['["naive", "union"]', "union"],
    ['["union", "naive"]', "union"],
    ['["0.0.14", "agent1", "union"]', "union"],
    // Where the study does not have it, its first.
    ['["naive", "agent1"]', "naive"],
    ['["0.0.14"]', "0.0.14"],
  ])("%s: %s", (policies, policy) => {
    expect(policyOf(policies)).toBe(policy as Policy);
  });
});

describe("U6: parts of a report", () => {
  test.each([
    ['"all"', ["all"]],
    ['["all"]', ["all"]],
    ['"runs"', ["runs"]],
    ['["runs", "paths"]', ["runs", "paths"]],
  ])("%s", (parts, read) => {
    const text = `name = "x"\n[arms.gold]\nagent = "gold"\n[[reports]]\npath = "a.md"\nparts = ${parts}`;
    expect(parseStudy(text, { path: "study.toml" }).reports[0]?.parts).toEqual(read as never);
  });
});

describe("U6: only a near word is offered", () => {
  const report = (parts: string) => `${GOLD}[[reports]]\npath = "a.md"\nparts = ${parts}`;
  test.each([
    ['"pahts"', ": did you mean paths?"],
    ['"outcome"', ": did you mean outcomes?"],
    ['["runs", "comparison"]', ": did you mean comparisons?"],
    ['"ALL"', ": did you mean all?"],
  ])("parts = %s", (parts, words) => {
    expect(wordsOf(report(parts))).toEndWith(words);
  });

  test.each(['"nope"', '["runs", "zzz"]', '""', "3", "true"])("parts = %s: none is", (parts) => {
    expect(wordsOf(report(parts))).not.toContain("did you mean");
  });

  test.each([
    ["[arms.x]\nzzzz = 1", "in arms.x"],
    ["[qqq]", ""],
    ["[arms.x]\nagent = 'nobody'", "(there are gold, null, mini, "],
    ["[sandbox]\nbackend = 'podman'", "must be local or docker"],
    ["[retries]\nnumber = 3", "(it may have faults, wait_s, max_outage_s)"],
  ])("%j", (text, words) => {
    const said = wordsOf(GOLD + text);
    expect(said).toContain(words);
    expect(said).not.toContain("did you mean");
  });
});
