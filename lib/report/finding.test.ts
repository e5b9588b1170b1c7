import { describe, expect, test } from "bun:test";
import { findingText } from "./finding.ts";
import type { ReportLine } from "./line.ts";

const NAMES = { a: "one agent", b: "two agents" };
const ONE_TASK = { by_task_low: null, by_task_high: null, by_task_reason: "one cluster" };
const of = (line: ReportLine) => findingText(line, NAMES);
const few = (line: ReportLine) =>
  of({ pairs: 10, rate_a: 0.9, rate_b: 0.5, difference: 0.4, ...line });
const many = (line: ReportLine) =>
  of({ pairs: 652, rate_a: 0.62, rate_b: 0.4, difference: 0.22, by_task_reason: null, ...line });

describe("U7: a finding", () => {
  test("counts few pairs, and says that one task can be chance", () => {
    expect(few({ ...ONE_TASK, mcnemar_p: 0.21875 })).toBe(
      "One agent passed 9 of 10 pairs, two agents passed 5. With ten pairs of one task this can be chance (exact McNemar test: p = 0.219).",
    );
    expect(of({ ...ONE_TASK, pairs: 1, rate_a: 1, rate_b: 0, mcnemar_p: 1 })).toBe(
      "One agent passed 1 of 1 pair, two agents passed 0. With one pair of one task this can be chance (exact McNemar test: p = 1.000).",
    );
    expect(few({ ...ONE_TASK, rate_a: 0.95, mcnemar_p: null })).toBe(
      "One agent passed 9.5 of 10 pairs, two agents passed 5. With ten pairs of one task this can be chance.",
    );
  });

  test("of one task says nothing of others, however clear it is", () => {
    expect(of({ ...ONE_TASK, pairs: 25, rate_a: 1, rate_b: 0, mcnemar_p: 0.00001 })).toBe(
      "One agent passed 25 of 25 pairs, two agents passed 0. For these pairs that is more than chance (exact McNemar test: p < .001), but one task tells nothing of others.",
    );
  });

  test("of many pairs has rates with bounds, which decide", () => {
    expect(many({ by_task_low: 0.151, by_task_high: 0.289 })).toBe(
      "One agent passed 62.0 % of 652 pairs, two agents 40.0 %: a difference of 22.0 points (95 % interval by task: 15.1 to 28.9). Chance alone would rarely show that much.",
    );
    expect(
      many({
        rate_a: 0.4,
        rate_b: 0.62,
        difference: -0.22,
        by_task_low: -0.45,
        by_task_high: 0.01,
      }),
    ).toBe(
      "Two agents passed 62.0 % of 652 pairs, one agent 40.0 %: a difference of 22.0 points (95 % interval by task: -1.0 to 45.0). With 652 pairs this can be chance.",
    );
  });

  test("is none where nothing is scored in both", () => {
    expect([of({}), of({ pairs: 0, rate_a: null, rate_b: null })]).toEqual([undefined, undefined]);
  });
});
