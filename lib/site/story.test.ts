import { describe, expect, test } from "bun:test";
import { attemptRecord } from "../../db/ledger.fixture.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { MergeRow, SuiteResultRow } from "../../db/schema.ts";
import { mergeRow, sideRow, suiteRecord } from "../../db/verdicts.fixture.ts";
import { AGENT_ENDS } from "../core/ends.ts";
import { FAULT_CODES } from "../core/fault.ts";
import {
  AGENT_OUTCOMES,
  CAUSES,
  COMPARED_MARKS,
  MERGE_STATUSES,
  OUTCOMES,
  PATHS,
  POLICIES,
  SETTINGS,
  SIDE_STATUSES,
  STEPS,
  SUITE_MARKS,
  SUITE_OUTCOMES,
  type SuiteOutcome,
  type Tested,
} from "../core/vocabulary.ts";
import { storyHtml, storyOf, storyText } from "./story.ts";
import type { StoryInput } from "./story-input.ts";
import { MARK_WORDS } from "./story-words.ts";

type Page = NonNullable<StoryInput["page"]>;
type Parts = Partial<Omit<StoryInput, "row" | "page">> & {
  readonly row?: Partial<StoryInput["row"]>;
  readonly page?: Partial<Page> | null;
};

const KEY = "r/a_task/task1/features_1_2";
const keyOf = (agents: number) =>
  `r/a_task/task1/features_${Array.from({ length: agents }, (_, at) => at + 1).join("_")}`;

function suite(
  tested: Tested,
  feature_id: number,
  outcome: SuiteOutcome = "passed",
  fields: Partial<SuiteResultRow> = {},
): AttemptPage["suites"][number] {
  const { result } = suiteRecord(`${tested}-${feature_id}`, { outcome });
  return {
    tested,
    suite: {
      ...{ exit_code: null, marks: [], limits: null, task_hash: null, ...result },
      ...{ tests: [], passed: 3, feature_id, ...fields },
    } as SuiteResultRow,
  };
}

/** An attempt of two agents whose patches apply, with the rows that a test names. */
function input({ row, page, ...rest }: Parts, agents = 2): StoryInput {
  const record = attemptRecord(keyOf(agents));
  const features = record.agents.flatMap((agent) => agent.features);
  const made: Page = {
    agents: record.agents as AttemptPage["agents"],
    merges: [mergeRow(KEY) as MergeRow],
    sides: record.agents.map(({ agent_id }, position) =>
      sideRow(KEY, { agent_id, position, status: "applied", reason: null }),
    ),
    suites: [],
    imported: undefined,
    ...page,
  };
  return {
    row: {
      ...{ outcome: "passed", passed: true, cause: null, path: "clean", merge_status: "clean" },
      ...{ fault: null, setting: "coop" },
      ...row,
    },
    ...{ policy: "union", features, faults: [], conflict_paths: [], lost: [] },
    ...{ failureOf: () => undefined, marksOf: ({ marks }) => marks },
    ...rest,
    page: page === null ? undefined : made,
  };
}

const told = (parts: Parts, agents?: number) => storyText(storyOf(input(parts, agents)));
const CONFLICT = mergeRow(KEY, { status: "conflicts", sections: 2, files: 1, lines: 9 });
const FAILED = { outcome: "failed", passed: false } as const;
const PLACE = { test: null, says: "error: Unexpected end of file", path: "src/parse.ts", line: 52 };
const ASSERTION = { test: "adds", says: "expected 1 to be 2", path: "tests/a.test.ts", line: 7 };
const BRACE = { path: "src/parse.ts", side: "closing", name: "brace", missing: 1 } as const;
const ALONE = [suite("alone", 1), suite("alone", 2)];

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

function agentsWith(
  ...fields: readonly Partial<AttemptPage["agents"][number]>[]
): AttemptPage["agents"] {
  const { agents } = attemptRecord(KEY);
  return agents.map((agent, at) => ({ ...agent, ...fields[at] })) as AttemptPage["agents"];
}

describe("the sentence on top of an attempt's page", () => {
  test.each(SENTENCES.map((one) => [one[0], one] as const))("%s", (sentence, [, parts, agents]) => {
    expect(told(parts, agents)).toBe(sentence);
  });

  const SECTIONS = ["verdict", "agents", "faults", "merge", "patches", "suites", "further"];
  test("is whole for whatever a verdict can be, and links to parts that the page has", () => {
    const nulls = <Value>(values: readonly Value[]) => [null, ...values];
    const rows = SETTINGS.flatMap((setting) =>
      nulls(OUTCOMES).flatMap((outcome) =>
        nulls(CAUSES).flatMap((cause) =>
          nulls(PATHS).flatMap((path) =>
            nulls(MERGE_STATUSES).map((merge_status) => {
              const passed = outcome === null ? null : outcome === "passed";
              return { setting, outcome, cause, path, merge_status, passed };
            }),
          ),
        ),
      ),
    );
    let made = 0;
    for (const policy of POLICIES)
      for (const suites of [
        [],
        [suite(policy === "imported" ? "alone" : policy, 1, "failed"), ...ALONE],
      ]) {
        const base = input({ policy, page: { suites } });
        const known = [
          ...SECTIONS,
          ...suites.map((one) => `suite-${one.tested}-${one.suite.feature_id}`),
        ];
        for (const row of rows) {
          const clauses = storyOf({ ...base, row: { ...base.row, ...row } });
          const text = storyText(clauses);
          const places = clauses
            .flat()
            .flatMap((piece) => (typeof piece === "string" ? [] : [piece.to]));
          const lost = places.filter((to) => !known.includes(to));
          made++;
          if (
            lost.length > 0 ||
            text.length < 20 ||
            /undefined|null|NaN| {2}|[;:] ?[;.]/.test(text)
          )
            throw new Error(`${JSON.stringify({ row, policy, lost })}: ${text}`);
        }
      }
    expect(made).toBe(POLICIES.length * 2 * 2 * 11 * 5 * 6 * 5);
  });

  test.each(SUITE_OUTCOMES.filter((outcome) => outcome !== "passed"))(
    "tells of a suite that ends as %j",
    (outcome) => {
      const text = told({ row: FAILED, page: { suites: [suite("naive", 1, outcome)] } });
      expect(text).toMatch(/^failed: feature 1's suite (?!passes)\S+ .* the clean merge/);
    },
  );

  test.each([...SUITE_MARKS, ...COMPARED_MARKS])(
    "tells of the mark %j, if it concerns the verdict",
    (mark) => {
      const text = told({
        page: { suites: [suite("naive", 1, "passed", { marks: [mark] as never })] },
      });
      expect(text.includes("feature 1's suite")).toBe(MARK_WORDS[mark] !== null);
    },
  );

  test.each(AGENT_OUTCOMES)("tells of an agent that ended as %j", (outcome) => {
    const text = told({ row: FAILED, page: { agents: agentsWith({ outcome }) } });
    expect(text.includes("agent1 ")).toBe(outcome !== "submitted");
  });

  test.each(
    Object.keys(AGENT_ENDS).filter((end) => "limit" in AGENT_ENDS[end as keyof typeof AGENT_ENDS]),
  )("tells of the limit %j", (limit_reached) => {
    expect(
      told({ page: { agents: agentsWith({ outcome: "limit reached", limit_reached }) } }),
    ).toContain(`agent1 reached its limit of ${limit_reached}`);
  });

  test.each(SIDE_STATUSES)("tells of a patch that is %j on the base", (status) => {
    const text = told({ row: FAILED, page: { sides: [sideRow(KEY, { status })] } });
    expect(text.includes("agent1's patch")).toBe(status !== "applied");
  });

  test.each(FAULT_CODES)("tells of the fault %j", (code) => {
    for (const step of STEPS) {
      const text = told({
        row: { outcome: null, passed: null, fault: code },
        page: null,
        faults: [{ code, step, resolved_at: null }],
      });
      expect(text).toMatch(
        /^no verdict: .{10,} while .{5,}, a fault of the laboratory that is not scored\.$/,
      );
      expect(text).not.toContain("undefined");
    }
  });

  test("names a fault of a newer Tandem by its code", () => {
    expect(
      told({ row: { outcome: null, passed: null, fault: "moon_fell" }, page: null }),
    ).toContain("(moon_fell)");
  });

  test("escapes what others wrote, in texts and in links", () => {
    const agents = agentsWith({ agent_id: `<b>"`, outcome: "empty patch" });
    const text = storyHtml(storyOf(input({ row: FAILED, page: { agents } }))).text;
    expect(text).toContain("&lt;b&gt;&quot;");
    expect(text).not.toContain("<b>");
  });
});
