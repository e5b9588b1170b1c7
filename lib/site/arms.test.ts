import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../db/ledger.fixture.ts";
import { inParts } from "../../db/rows.ts";
import * as schema from "../../db/schema.ts";
import { scoreRow } from "../../db/verdicts.fixture.ts";
import { byArm, MOST_RUNS } from "./arms.ts";
import { readSite } from "./data.ts";
import { readPages } from "./pages.ts";
import { openKit } from "./plot.ts";

// Thousands of attempts are stored, on machines that may be busy.
setDefaultTimeout(300_000);

const ATTEMPTS = 2113;
const REPOS = Array.from({ length: 12 }, (_, at) => `repository_${at}_task`);

/** So many attempts at pairs of many tasks, in runs of so many attempts, of as many arms; each talks. */
type Shape = {
  readonly per_run: number;
  readonly arms: number;
  readonly attempts?: number;
  /** Every second run is solo, of the same model as the one before it. */
  readonly mixed?: boolean;
};
function filled({ per_run, arms, attempts = ATTEMPTS, mixed = false }: Shape) {
  const ledger = memoryLedger();
  const named = (n: number) => {
    const at = Math.floor(n / per_run);
    const run = `coop-mini_swe_agent-git-model-${at % arms}-lite-seed${at}`;
    if (!mixed) return { run, model: `provider/model-${at % arms}` };
    const model = `provider/model-${Math.floor((at % arms) / 2)}`;
    return at % 2 === 0 ? { run, model } : { run, model, setting: "solo" as const };
  };
  const first = addRun(ledger, named(0));
  const runs = Array.from({ length: Math.ceil(attempts / per_run) }, (_, at) => ({
    ...first,
    ...named(at * per_run),
  }));
  const bytes = Buffer.from("the same patch of everybody");
  const records = Array.from({ length: attempts }, (_, n) => {
    const { run } = named(n);
    const repo = REPOS[n % REPOS.length];
    const pair = Math.floor((n % per_run) / REPOS.length);
    // Runs of two settings try the same pairs.
    const task = mixed ? (n % per_run) % 30 : n % 30;
    const of = mixed ? REPOS[(n % per_run) % REPOS.length] : repo;
    const key = `${run}/${of}/task${task}/features_${pair + 1}_${pair + 2}`;
    return attemptRecord(key, {
      agents: [
        { cost_usd: 0.25, bytes },
        { cost_usd: 0.5, bytes },
      ],
      messages: [1, 2, 3].map((seq) => ({
        seq,
        sender: "agent1",
        content: `I change line ${seq} of a.py?`,
      })),
    });
  });
  const lost = { outcome: "failed", passed: false } as const;
  const scores = records.map(({ attempt: { attempt_key } }, n) =>
    scoreRow(attempt_key, n % 3 === 0 ? {} : lost),
  );
  // The first as ever, with the patch; the others row by row of a table, which is ten times as fast.
  const rest = records.slice(1);
  ledger.attempts.put(records.slice(0, 1));
  ledger.tables.transaction((tx) => {
    for (const part of inParts(runs.slice(1))) tx.insert(schema.runs).values(part).run();
    for (const part of inParts(rest.map(({ attempt }) => attempt)))
      tx.insert(schema.attempts).values(part).run();
    for (const part of inParts(rest.flatMap(({ agents }) => agents)))
      tx.insert(schema.agents).values(part).run();
    for (const part of inParts(rest.flatMap(({ messages }) => messages)))
      tx.insert(schema.messages).values(part).run();
    for (const part of inParts(scores)) tx.insert(schema.scores).values(part).run();
  });
  return ledger;
}

describe("X10: an overview of 2,113 attempts is less than 1 MB", () => {
  const SHAPES: [per_run: number, arms: number][] = [
    [3, 5],
    [50, 43],
    [20, 106],
  ];
  test.each(SHAPES)("in runs of %d, of %d arms", async (per_run, arms) => {
    using ledger = filled({ per_run, arms });
    const pages = await readPages({
      ledger,
      log_dir: "/nowhere",
      policy: "union",
      slow_parts: true,
    });
    const page = await pages.overview(await openKit());
    expect(page.length).toBeLessThan(1_000_000);
    expect(pages.site.rows).toHaveLength(ATTEMPTS);
  });
});

describe("100 runs, solo and coop of 50 models", () => {
  test("are found, drawn and counted on a page of less than 1 MB", async () => {
    using ledger = filled({ per_run: 20, arms: 100, attempts: 2000, mixed: true });
    const runs = ledger.runs.all().map(({ run }) => run);
    ledger.runs.setStudy("winter", runs.slice(0, 40));
    ledger.runs.setStudy("summer", runs.slice(40));
    const options = { ledger, log_dir: "/nowhere", policy: "union", slow_parts: true } as const;
    const page = await (await readPages(options)).overview(await openKit());
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toMatch(/<h1>Coop passed fewer pairs than solo in \d+ of 50 comparisons; /);
    expect(page).toContain("46 more comparisons");
    for (const id of ["part-runs", "part-outcomes", "part-frontier"]) {
      const [, figure = ""] =
        new RegExp(`<figure id="${id}">([\\s\\S]*?)</figure>`).exec(page) ?? [];
      expect([id, figure.includes("<svg")]).toEqual([id, true]);
    }
    const heads = [...page.matchAll(/scope="rowgroup"[^>]*>([^<]+)/g)].map(([, head]) => head);
    expect(heads).toEqual(["Study winter", "Study summer"]);
    for (const run of runs) expect([run, page.includes(`>${run}</a>`)]).toEqual([run, true]);
  });
});

describe("X10: runs by arm", () => {
  test("are as if they were one run, and every run is named and linked", async () => {
    using ledger = filled({ per_run: 20, arms: 4, attempts: 500 });
    const site = await readSite({ ledger, policy: "union" });
    expect(site.runs.length).toBeGreaterThan(MOST_RUNS);
    const armed = await byArm(site);
    expect(armed.runs.map(({ name }) => name).sort()).toEqual(
      [0, 1, 2, 3].map((n) => `coop, mini, provider/model-${n}`),
    );
    const sum = (of: (rate: (typeof site.runs)[number]["rate"]) => number) => [
      site.runs.reduce((total, { rate }) => total + of(rate), 0),
      armed.runs.reduce((total, { rate }) => total + of(rate), 0),
    ];
    expect(sum(({ attempted }) => attempted)).toEqual([500, 500]);
    const [before, after] = sum(({ passed }) => passed);
    expect(after).toBe(before as number);
    const pages = await readPages({ ledger, log_dir: "/nowhere", policy: "union" });
    const page = await pages.overview(await openKit());
    for (const { name } of site.runs)
      expect({ name, linked: page.includes(`>${name}</a>`) }).toEqual({ name, linked: true });
  });

  test("few runs stay what they are", async () => {
    using ledger = filled({ per_run: 100, arms: 1, attempts: 200 });
    const site = await readSite({ ledger, policy: "union" });
    const armed = await byArm(site);
    expect([armed.arms, armed.runs]).toEqual([undefined, site.runs as never]);
  });
});
