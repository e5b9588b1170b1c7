import { describe, expect, test } from "bun:test";
import { type Compared, findingOf, findingText } from "./finding.ts";
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

describe("a finding never claims more than its statistics", () => {
  const clear = { by_task_low: 0.151, by_task_high: 0.289, sign_flip_p: 0.0004 };
  const clearMany = { pairs: 652, rate_a: 0.62, rate_b: 0.4, difference: 0.22, ...clear };
  const TABLE: [what: string, line: ReportLine, of: number, weight: string, chance: RegExp][] = [
    ["interval and test agree", clearMany, 1, "beyond chance", /rarely show that much/],
    [
      "so few tasks that the test can show nothing",
      { ...clearMany, sign_flip_p: 0.0625, smallest_p: 0.0625 },
      1,
      "can be chance",
      /this can be chance \(permutation test by task: p = 0\.063\)/,
    ],
    [
      "corrected for many comparisons it is gone",
      { ...clearMany, sign_flip_p: 0.01, holm_p: 0.2 },
      20,
      "can be chance",
      /can be chance .*p = 0\.200/,
    ],
    [
      "tasks that are all alike show no error, and the test by task too little",
      {
        ...clearMany,
        by_task_low: null,
        by_task_high: null,
        by_task_reason: "no spread",
        sign_flip_p: 0.25,
        mcnemar_p: 0.0001,
      },
      1,
      "can be chance",
      /With 652 pairs this can be chance/,
    ],
    [
      "one of several comparisons of one task",
      { pairs: 10, rate_a: 0.9, rate_b: 0.2, difference: 0.7, ...ONE_TASK, mcnemar_p: 0.016 },
      5,
      "can be chance",
      /ten pairs of one task, as one of several comparisons, this can be chance/,
    ],
    [
      "no difference is no proof of none",
      { pairs: 10, rate_a: 0.5, rate_b: 0.5, difference: 0, ...ONE_TASK, mcnemar_p: 1 },
      1,
      "can be chance",
      /does not show that they are equally good: with ten pairs of one task/,
    ],
    [
      "equivalent by its test",
      {
        ...clearMany,
        rate_b: 0.619,
        difference: 0.001,
        by_task_low: -0.02,
        by_task_high: 0.022,
        sign_flip_p: 0.9,
        verdict: "equivalent within ±5 points",
      },
      1,
      "equivalent",
      /no difference within ±5 points/,
    ],
    [
      "equivalent and different at once",
      {
        ...clearMany,
        rate_b: 0.6,
        difference: 0.02,
        by_task_low: 0.01,
        by_task_high: 0.03,
        verdict: "equivalent within ±5 points",
      },
      1,
      "equivalent",
      /more than chance, and small: within ±5 points/,
    ],
  ];
  test.each(TABLE)("%s", (_, line, of, weight, chance) => {
    const found = findingOf(line, { a: "solo", b: "coop", of });
    expect(found?.weight).toBe(weight as never);
    expect(found?.chance).toMatch(chance);
    if (weight === "can be chance" && line.difference !== 0)
      expect(found?.headline).toEndWith("; this can be chance");
  });

  test("its headline counts few pairs, has rates of many, and names runs as they are", () => {
    const head = (line: ReportLine, names: Compared = { a: "solo", b: "coop" }) =>
      findingOf(line, names)?.headline;
    const ten = { pairs: 10, rate_a: 0.9, rate_b: 0.5, difference: 0.4, ...ONE_TASK };
    expect(head({ ...ten, mcnemar_p: 0.2 })).toBe(
      "Coop passed 4 of 10 pairs fewer than solo; this can be chance",
    );
    expect(
      head({ ...ten, rate_a: 0.5, rate_b: 0.9 }, { a: "run", b: "run-2", are_runs: true }),
    ).toBe("run passed 4 of 10 pairs fewer than run-2; this can be chance");
    expect(head(clearMany)).toBe("Coop's pass rate was 22.0 points below solo's on 652 pairs");
    expect(head({ ...ten, rate_b: 0.9, difference: 0 })).toBe(
      "Solo and coop each passed 9 of 10 pairs",
    );
  });
});
