import { describe, expect, test } from "bun:test";
import { coopPair, exchangePlace, under } from "../cooperbench/tree.fixture.ts";
import { readPages } from "./pages.ts";
import { openKit } from "./plot.ts";

const KEY = "theirs/demo_task/task1/features_1_2";
const whole = coopPair([1, 2]);

/** The pages of a run of two pairs, of which one has no cost that is known. */
async function imported() {
  const place = exchangePlace();
  const result = whole["result.json"].json;
  const unmetered = { feature_id: 1, steps: 5, cost: 0, status: "Submitted" };
  const agents = { agent1: unmetered, agent2: result.agents.agent2 };
  place.write("in/theirs/coop/demo_task/1", {
    ...under("f1_f2", {
      ...whole,
      "result.json": {
        json: { ...result, agents, metrics: { tasks_total: 3, claims_per_agent: { agent1: 2 } } },
      },
      "eval.json": {
        json: {
          ...whole["eval.json"].json,
          merge: { status: "conflicts", strategy: "solo-agent1" },
        },
      },
      "independent.json": {
        json: {
          feature1: { passed: true, tests_passed: 3, tests_failed: 0 },
          feature2: { passed: false, reason: "no_patch" },
        },
      },
    }),
    ...under("f2_f3", coopPair([2, 3])),
  });
  await place.read("in");
  const { ledger, log_dir } = place;
  const pages = await readPages({ ledger, log_dir, policy: "imported" });
  return { place, pages };
}

describe("pages under the policy imported", () => {
  test("X2: show their verdict and path on the pair's page, beside what each patch did alone", async () => {
    const { place, pages } = await imported();
    using _place = place;
    const page = pages.pair(KEY, undefined) ?? "";
    expectText(page, "<b>imported</b>, this report");
    expectText(page, "one patch");
    expectText(page, "feature 1 passed (3 of 3 tests), feature 2 failed");
    expectText(page, "tasks total: 3, claims per agent: {&quot;agent1&quot;:2}");
  });

  test("X2: count their verdicts on the overview", async () => {
    const { place, pages } = await imported();
    using _place = place;
    const page = await pages.overview(await openKit());
    expectText(page, "Under the policy imported");
    expect(pages.site.runs[0]?.rate).toMatchObject({ passed: 2, attempted: 2, pending: 0 });
    expect(pages.site.runs[0]?.conflict).toMatchObject({ conflicts: 1, merged: 2 });
  });

  test("X3: do not call a message unread of which nobody kept when it was read", async () => {
    const { place, pages } = await imported();
    using _place = place;
    const page = pages.pair(KEY, undefined) ?? "";
    expectText(page, "time of reading unknown");
    expect(page.includes("never read")).toBe(false);
    const overview = await pages.overview(await openKit());
    expect(/%\)?, never read/.test(overview)).toBe(false);
  });

  test("X5: sum up what is known of the cost", async () => {
    const { place, pages } = await imported();
    using _place = place;
    // 0.25 of one agent, and 0.25 and 0.375 of the other pair's.
    expectText(await pages.overview(await openKit()), "≥$0.88");
    expectText(pages.pair(KEY, undefined), "≥$0.25");
  });
});

/** Without the whole page in a failure's words. */
function expectText(page: string | undefined, text: string): void {
  expect({ text, there: page?.includes(text) }).toEqual({ text, there: true });
}
