import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../../db/ledger.fixture.ts";
import { scoreRow } from "../../../db/verdicts.fixture.ts";
import { frontierChart } from "../chart-frontier.ts";
import { partContext } from "../context.ts";
import type { ReportLine } from "../line.ts";
import { frontierLines } from "./frontier.ts";

/** A run of so many pairs at a price, of which so many pass; `skip` leaves the first pairs to others. */
type Run = {
  usd: number | null;
  passed: number;
  pairs?: number;
  skip?: number;
  known?: number | null;
};

async function linesOf(runs: Readonly<Record<string, Run>>): Promise<ReportLine[]> {
  using ledger = memoryLedger();
  for (const [run, { usd, passed, pairs = 10, skip = 0, known = usd }] of Object.entries(runs)) {
    addRun(ledger, { run, model: run });
    for (let at = 0; at < pairs; at++) {
      const key = `${run}/alpha_task/task1/features_${at + skip + 1}_${at + skip + 2}`;
      const cost_usd = at === 0 ? known : usd === null ? null : usd * (1 + (at % 2) / 10);
      ledger.attempts.put([attemptRecord(key, { agents: [{ cost_usd }] })]);
      const lost = { outcome: "failed", passed: false } as const;
      ledger.scores.put(key, [scoreRow(key, at < passed ? {} : lost)], []);
    }
  }
  const rows = ledger.outcomes.rows("union");
  const none = { gold: () => new Map(), published: () => [] };
  return await frontierLines(
    partContext({ ledger, rows, policy: "union", narrowed: false, ...none }),
  );
}

const on = (lines: readonly ReportLine[]) =>
  Object.fromEntries(lines.map(({ run, frontier }) => [run, frontier]));
const noteOf = (lines: readonly ReportLine[]) => frontierChart(lines, () => "coop").note;

describe("the frontier", () => {
  test("has who is not beaten in both: cheaper, better, or equal to none", async () => {
    const lines = await linesOf({
      cheap: { usd: 1, passed: 3 },
      beaten: { usd: 2, passed: 3 },
      better: { usd: 3, passed: 8 },
      dearest: { usd: 9, passed: 7 },
    });
    expect(on(lines)).toEqual({ cheap: true, beaten: false, better: true, dearest: false });
    const cheap = lines.find(({ run }) => run === "cheap");
    expect(cheap).toMatchObject({ spending: "paid", passed: 3, scored: 10, measure: "usd" });
    expect(Number(cheap?.mean_usd)).toBeCloseTo(1.05);
    expect(Number(cheap?.mean_usd_low)).toBeLessThan(1.05);
    expect(Number(cheap?.mean_usd_high)).toBeGreaterThan(1.05);
  });

  test("is of runs on the same pairs alone", async () => {
    const lines = await linesOf({
      one: { usd: 2, passed: 5 },
      two: { usd: 3, passed: 6 },
      elsewhere: { usd: 1, passed: 10, skip: 5 },
    });
    expect(on(lines)).toEqual({ one: true, two: true, elsewhere: null });
  });

  test("draws nobody at a cost of 0 or at an unknown one, and says who is missing and why", async () => {
    const lines = await linesOf({
      paid: { usd: 1, passed: 5 },
      free: { usd: 0, passed: 5 },
      unknown: { usd: null, passed: 5 },
      partly: { usd: 1, passed: 9, known: null },
    });
    expect(on(lines)).toEqual({ paid: true, free: null, unknown: null, partly: null });
    const chart = frontierChart(lines, () => "coop");
    expect(chart.form === "spent" && chart.points.map(({ label }) => label)).toEqual(["paid"]);
    expect(chart.note).toStartWith(
      "Not drawn, since they cost nothing: free. Not drawn, since a cost is not known: ",
    );
    for (const name of ["unknown", "partly"]) expect(chart.note).toContain(name);
  });

  test("is measured by tokens where nothing is paid for, and says so", async () => {
    const lines = await linesOf({ a: { usd: 0, passed: 5 }, b: { usd: 0, passed: 6 } });
    expect(lines.map(({ measure }) => measure)).toEqual(["tokens", "tokens"]);
    expect(on(lines)).toEqual({ a: false, b: true });
    expect(noteOf(lines)).toContain("Nothing cost anything");
  });

  test("of one attempt has no interval, and one that nothing scored no place", async () => {
    const [line] = await linesOf({ one: { usd: 1, passed: 1, pairs: 1 } });
    expect(line).toMatchObject({ mean_usd: 1, mean_usd_low: null, frontier: true });
    expect(await linesOf({})).toEqual([]);
  });
});
