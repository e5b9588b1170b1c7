import { describe, expect, test } from "bun:test";
import { sideRow } from "../../db/verdicts.fixture.ts";
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
} from "../core/vocabulary.ts";
import { ALONE, agentsWith, FAILED, input, KEY, suite, told } from "./story.fixture.ts";
import { storyOf, storyText } from "./story.ts";
import { MARK_WORDS } from "./story-words.ts";

describe("the sentence on top of an attempt's page", () => {
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
});
