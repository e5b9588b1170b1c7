import { describe, expect, test } from "bun:test";
import { sideRow } from "../../db/verdicts.fixture.ts";
import {
  ALONE,
  ASSERTION,
  agentsWith,
  BRACE,
  CONFLICT,
  FAILED,
  input,
  KEY,
  type Parts,
  PLACE,
  suite,
  told,
} from "./story.fixture.ts";
import { storyHtml, storyOf } from "./story.ts";

type Case = readonly [sentence: string, parts: Parts, agents?: number];
const SENTENCES: readonly Case[] = [
  [
    "failed: the union merge lost a closing brace at src/parse.ts:52, where feature 1's suite fails (“error: Unexpected end of file”); feature 2's suite fails there too; the naive merge conflicts in src/parse.ts (2 sections); both features passed alone.",
    {
      row: { ...FAILED, path: "union", cause: "conflict", merge_status: "conflicts" },
      page: {
        merges: [CONFLICT],
        suites: [...ALONE, suite("union", 1, "failed"), suite("union", 2, "failed")],
      },
      ...{ conflict_paths: ["src/parse.ts"], lost: [BRACE], failureOf: () => PLACE },
    },
  ],
  [
    "failed: the union merge lost 2 closing braces in src/x.ts (and 1 more such loss), and feature 1's suite fails at “adds” (tests/a.test.ts:7: expected 1 to be 2); feature 2's suite passes there; the naive merge conflicts in 1 file (2 sections); no patch was tested alone, so the ledger does not hold where the failure began.",
    {
      row: { ...FAILED, path: "union", merge_status: "conflicts" },
      page: { merges: [CONFLICT], suites: [suite("union", 1, "failed"), suite("union", 2)] },
      ...{ lost: [{ ...BRACE, path: "src/x.ts", missing: 2 }, BRACE], failureOf: () => ASSERTION },
    },
  ],
  [
    "failed: feature 2's suite fails on the clean merge at “adds” (tests/a.test.ts:7: expected 1 to be 2); feature 1's suite passes there; both features passed alone.",
    {
      row: { ...FAILED, cause: "broken by merging" },
      page: { suites: [...ALONE, suite("naive", 1), suite("naive", 2, "failed")] },
      failureOf: () => ASSERTION,
    },
  ],
  [
    "failed: feature 1's suite fails on the clean merge, and its output names no test; feature 2's suite fails there too; feature 1 failed on its own patch already and feature 2 passed alone.",
    {
      row: { ...FAILED, cause: "own feature broken" },
      page: {
        suites: [
          suite("alone", 1, "failed"),
          suite("alone", 2),
          suite("naive", 1, "failed"),
          suite("naive", 2, "failed"),
        ],
      },
    },
  ],
  [
    "failed: feature 1's suite fails on agent1's patch at “adds” (tests/a.test.ts:7: expected 1 to be 2); feature 2's suite passes there.",
    {
      row: { ...FAILED, setting: "solo", path: "solo", cause: "own feature broken" },
      page: {
        agents: agentsWith({}).slice(0, 1),
        suites: [suite("naive", 1, "failed"), suite("naive", 2)],
      },
      failureOf: () => ASSERTION,
    },
  ],
  [
    "passed: the clean merge passes both suites (6 tests).",
    { page: { suites: [suite("naive", 1), suite("naive", 2)] } },
  ],
  [
    "passed: the naive merge conflicts in src/parse.ts (2 sections); the union merge passes all 3 suites (9 tests).",
    {
      row: { path: "union", merge_status: "conflicts" },
      page: { merges: [CONFLICT], suites: [1, 2, 3].map((feature) => suite("union", feature)) },
      conflict_paths: ["src/parse.ts"],
    },
    3,
  ],
  [
    "passed: the naive merge conflicts in 1 file (2 sections); agent1's patch passes both suites (6 tests).",
    {
      row: { path: "one patch", merge_status: "conflicts" },
      ...{
        policy: "agent1",
        page: { merges: [CONFLICT], suites: [suite("agent1", 1), suite("agent1", 2)] },
      },
    },
  ],
  [
    "passed: the patch that all agents handed in alike passes both suites (6 tests).",
    { row: { path: "identical" }, page: { suites: [suite("naive", 1), suite("naive", 2)] } },
  ],
  [
    "conflict: the naive merge conflicts in src/parse.ts (2 sections), which fails the pair under naive; all 3 features passed alone.",
    {
      row: {
        outcome: "conflict",
        passed: false,
        path: null,
        cause: "conflict",
        merge_status: "conflicts",
      },
      page: { merges: [CONFLICT], suites: [...ALONE, suite("alone", 3)] },
      ...{ policy: "naive", conflict_paths: ["src/parse.ts"] },
    },
    3,
  ],
  [
    "empty patch: agent1 handed in nothing; feature 1's suite fails on agent2's patch at “adds” (tests/a.test.ts:7: expected 1 to be 2); feature 2's suite passes there.",
    {
      row: {
        outcome: "empty patch",
        passed: false,
        path: null,
        cause: "patch lost",
        merge_status: "empty",
      },
      page: {
        agents: agentsWith({ outcome: "empty patch" }),
        sides: [
          sideRow(KEY, { agent_id: "agent1", status: "empty" }),
          sideRow(KEY, { agent_id: "agent2", position: 1 }),
        ],
        suites: [suite("naive", 1, "failed"), suite("naive", 2)],
      },
      failureOf: () => ASSERTION,
    },
  ],
  [
    "patch does not apply: agent2's patch does not apply to the base (a.ts: no such line).",
    {
      row: {
        outcome: "patch does not apply",
        passed: false,
        path: null,
        cause: "patch lost",
        merge_status: "apply_failed",
      },
      page: {
        sides: [
          sideRow(KEY),
          sideRow(KEY, {
            agent_id: "agent2",
            position: 1,
            status: "failed",
            reason: "a.ts: no such line",
          }),
        ],
      },
    },
  ],
  [
    "limit reached: the ledger does not hold why; agent1 reached its limit of steps.".replace(
      "the ledger does not hold why",
      "a patch is missing from what was tested",
    ),
    {
      row: {
        outcome: "limit reached",
        passed: false,
        path: null,
        cause: "patch lost",
        merge_status: "empty",
      },
      page: { agents: agentsWith({ outcome: "limit reached", limit_reached: "steps" }), sides: [] },
    },
  ],
  [
    "tests timed out: feature 1's suite is not done in time on the clean merge (10 min 0 s); feature 2's suite passes there; no patch was tested alone, so the ledger does not hold where the failure began.",
    {
      row: { outcome: "tests timed out", passed: false },
      page: {
        suites: [
          suite("naive", 1, "tests timed out", { limits: { timeout_ms: 600_000 } }),
          suite("naive", 2),
        ],
      },
      lost: [BRACE],
    },
  ],
  [
    "passed: the clean merge passes both suites (6 tests); agent2 reached its limit of steps; feature 1's suite passes without tests that pass with the reference patch; the imported verdict is failed; 2 faults overcome before (engine_gone, no_image).",
    {
      page: {
        agents: agentsWith({}, { outcome: "limit reached", limit_reached: "steps" }),
        suites: [
          suite("naive", 1, "passed", { marks: ["unlike gold"] as never }),
          suite("naive", 2),
        ],
        imported: { passed: false, alone: null, strategy: null, error: null } as never,
      },
      faults: ["engine_gone", "no_image"].map(
        (code) => ({ code, step: "run", resolved_at: "2026" }) as const,
      ),
    },
  ],
  [
    "failed: the imported logs say failed, by their strategy union, and not which test decided; the other system's merge conflicts; feature 1 passed alone and feature 2 failed on its own patch already.".replace(
      "their strategy",
      "its strategy",
    ),
    {
      row: { ...FAILED, path: "union", merge_status: "conflicts" },
      page: {
        merges: [],
        imported: {
          passed: false,
          strategy: "union",
          error: null,
          alone: [
            { feature_id: 1, passed: true },
            { feature_id: 2, passed: false },
          ],
        } as never,
      },
      policy: "imported",
    },
  ],
  [
    "no verdict under the policy imported: the imported logs hold none, and do not say why.",
    {
      row: { outcome: null, passed: null },
      page: { merges: [], imported: { passed: null, error: null } as never },
      policy: "imported",
    },
  ],
  [
    "no verdict: the container engine does not answer while testing, a fault of the laboratory that is not scored.",
    {
      row: { outcome: null, passed: null, fault: "engine_gone" },
      faults: [{ code: "engine_gone", step: "eval", resolved_at: null }],
    },
  ],
  [
    "no verdict under the policy union: it is not merged yet.",
    { row: { outcome: null, passed: null, merge_status: null } },
  ],
  [
    "no verdict under the policy union: the naive merge conflicts, and it is not tested yet.",
    { row: { outcome: null, passed: null, merge_status: "conflicts" } },
  ],
  [
    "not finished: the ledger has no result of this attempt yet.",
    { row: { outcome: null, passed: null }, page: null },
  ],
  [
    "failed: the ledger does not hold why; no patch was tested alone, so the ledger does not hold where the failure began.",
    { row: FAILED },
  ],
];

describe("the sentence on top of an attempt's page", () => {
  test.each(SENTENCES.map((one) => [one[0], one] as const))("%s", (sentence, [, parts, agents]) => {
    expect(told(parts, agents)).toBe(sentence);
  });

  test("escapes what others wrote, in texts and in links", () => {
    const agents = agentsWith({ agent_id: `<b>"`, outcome: "empty patch" });
    const text = storyHtml(storyOf(input({ row: FAILED, page: { agents } }))).text;
    expect(text).toContain("&lt;b&gt;&quot;");
    expect(text).not.toContain("<b>");
  });
});
