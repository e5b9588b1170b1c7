import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import { journal, leases, processes } from "../../db/schema.ts";
import { addFault, scoreRow } from "../../db/verdicts.fixture.ts";
import { processStart, thisOwner } from "../core/owner.ts";
import { readStatus, type StatusOptions } from "./status.ts";

setDefaultTimeout(60_000);

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const at = (pair: string, run = "one") => `${run}/alpha_task/task1/features_${pair}`;

function addProcess(
  ledger: Ledger,
  owner: string,
  fields: Partial<typeof processes.$inferInsert> = {},
): void {
  const row = {
    owner,
    pid: 1,
    command: "run-pair",
    started_at: ago(10),
    heartbeat_at: ago(0),
    ended_at: null,
    state: "running" as const,
    tokens: 0,
    models: [],
  };
  ledger.tables
    .insert(processes)
    .values({ ...row, ...fields })
    .run();
}

function addLease(
  ledger: Ledger,
  unit: string,
  fields: Partial<typeof leases.$inferInsert> = {},
): void {
  const row = {
    unit,
    step: "run" as const,
    run: "one",
    owner: thisOwner(),
    claimed_at: ago(3),
    progress: null,
  };
  ledger.tables
    .insert(leases)
    .values({ ...row, ...fields })
    .run();
}

/** The name of a process of this machine that is over. */
async function goneOwner(): Promise<string> {
  const child = Bun.spawn(["sleep", "60"]);
  const start = processStart(child.pid);
  child.kill();
  await child.exited;
  const [host, table] = thisOwner().split("/");
  return [host, table, child.pid, start].join("/");
}

const look = (ledger: Ledger, options: Partial<StatusOptions> = {}) =>
  readStatus(ledger, { now: NOW, ...options });

/** A run with six attempts of a dollar each, of which four are evaluated and three passed. */
function worked(): Ledger {
  const ledger = memoryLedger();
  addRun(ledger, { run: "one" });
  const pairs = ["1_2", "1_3", "1_4", "1_5", "1_6", "1_7"];
  const agents = [{ cost_usd: 0.5 }, { cost_usd: 0.5 }];
  ledger.attempts.put(pairs.map((pair) => attemptRecord(at(pair), { agents })));
  for (const [index, pair] of pairs.slice(0, 4).entries())
    ledger.scores.put(at(pair), [scoreRow(at(pair), { passed: index < 3 })], []);
  return ledger;
}

describe("processes", () => {
  test("live, are gone, or silent where nobody can look", async () => {
    using ledger = memoryLedger();
    const gone = await goneOwner();
    addProcess(ledger, thisOwner(), { heartbeat_at: ago(50), started_at: ago(60), tokens: 7 });
    addProcess(ledger, gone, { heartbeat_at: ago(1), started_at: ago(50) });
    addProcess(ledger, "elsewhere/1/2/3", { started_at: ago(40) });
    addProcess(ledger, "elsewhere/1/4/5", { heartbeat_at: ago(2), started_at: ago(30) });
    addProcess(ledger, "elsewhere/1/6/7", { ended_at: ago(1) });
    expect(look(ledger).processes.map(({ owner, presence }) => [owner, presence])).toEqual([
      [thisOwner(), "alive"],
      [gone, "gone"],
      ["elsewhere/1/2/3", "alive"],
      ["elsewhere/1/4/5", "silent"],
    ]);
    expect(look(ledger).processes[0]).toEqual({
      owner: thisOwner(),
      pid: 1,
      command: "run-pair",
      state: "running",
      tokens: 7,
      presence: "alive",
      units: 0,
      age_ms: 3_600_000,
      heartbeat_age_ms: 3_000_000,
      ...{ runs: [], concurrency: null },
    });
  });

  test("that are long gone are shown while they hold units", async () => {
    using ledger = memoryLedger();
    const gone = await goneOwner();
    addProcess(ledger, gone, { heartbeat_at: ago(61) });
    expect(look(ledger).processes).toEqual([]);
    addLease(ledger, at("1_2"), { owner: gone });
    expect(look(ledger).processes).toMatchObject([{ owner: gone, units: 1 }]);
  });

  test("add up to tokens a minute and to what each model's provider allows", async () => {
    using ledger = memoryLedger();
    const load = { model: "a/m", in_flight: 2, limit: 8, retries: 1, last_rate_limit_at: null };
    const other = { ...load, in_flight: 3, last_rate_limit_at: ago(1) };
    addProcess(ledger, thisOwner(), { tokens: 5000, models: [load, { ...load, model: "b/n" }] });
    addProcess(ledger, "elsewhere/1/2/3", { tokens: 1000, started_at: ago(2), models: [other] });
    addProcess(ledger, await goneOwner(), { tokens: 9999, models: [load] });
    const { tokens_per_min, models } = look(ledger);
    expect(tokens_per_min).toBe(1000);
    expect(models).toEqual([
      { model: "a/m", in_flight: 5, limit: 16, retries: 2, last_rate_limit_at: ago(1) },
      { ...load, model: "b/n" },
    ]);
  });

  test("none of them: nothing is known of tokens", () => {
    using ledger = memoryLedger();
    expect(look(ledger)).toEqual({
      at: "2026-03-01T12:00:00.000Z",
      arms: [],
      units: [],
      processes: [],
      workers: [],
      models: [],
      tokens_per_min: null,
    });
  });
});

describe("units under way", () => {
  const PROGRESS = {
    doing: "agent1: asks the model",
    cost_usd: 0.25,
    tokens: 10,
    agents: [{ agent_id: "agent1", steps: 4 }],
  };

  test("are those of living processes, with how far they are", async () => {
    using ledger = worked();
    addProcess(ledger, thisOwner());
    addProcess(ledger, "elsewhere/1/4/5", { heartbeat_at: ago(2) });
    const gone = await goneOwner();
    addProcess(ledger, gone);
    addLease(ledger, at("2_3"), { progress: PROGRESS, claimed_at: ago(5) });
    addLease(ledger, at("2_4"), { claimed_at: ago(4), step: "eval" });
    addLease(ledger, at("2_5"), { owner: gone });
    addLease(ledger, at("2_6"), { owner: "elsewhere/1/4/5" });
    addLease(ledger, at("2_7"), { owner: "never/heard/of/1" });
    const { units, arms } = look(ledger);
    const owner = thisOwner();
    expect(units).toEqual([
      {
        unit: at("2_3"),
        step: "run",
        run: "one",
        owner,
        age_ms: 300_000,
        unpriced: 0,
        ...PROGRESS,
      },
      {
        unit: at("2_4"),
        step: "eval",
        run: "one",
        owner,
        age_ms: 240_000,
        unpriced: 0,
        doing: null,
        agents: [],
        cost_usd: 0,
        tokens: 0,
      },
    ]);
    expect(arms).toMatchObject([{ active: 2 }]);
  });

  test("are not younger than nothing when the clock was set back", () => {
    using ledger = worked();
    addProcess(ledger, thisOwner());
    addLease(ledger, at("2_3"), { claimed_at: ago(-5) });
    expect(look(ledger).units).toMatchObject([{ age_ms: 0 }]);
  });

  test("cost what they cost, even if their process is gone", async () => {
    using ledger = worked();
    addProcess(ledger, thisOwner());
    addLease(ledger, at("2_3"), { progress: PROGRESS });
    addLease(ledger, at("2_4"), { progress: PROGRESS, owner: await goneOwner() });
    expect(look(ledger).arms).toMatchObject([{ cost_usd: 6.5, unpriced: 0 }]);
    addLease(ledger, at("2_5"), { progress: { ...PROGRESS, cost_usd: null } });
    expect(look(ledger).arms).toMatchObject([{ cost_usd: 6.5, unpriced: 1 }]);
  });
});

describe("runs", () => {
  const done = (minutes: number, step: "run" | "eval" = "run", run = "one") => ({
    at: ago(minutes),
    run,
    unit: at("1_2", run),
    step,
    event: "done" as const,
  });

  test("have counts, a forecast and a time, when it is known how many there are", () => {
    using ledger = worked();
    addRun(ledger, { run: "two", setting: "solo", model: null });
    addProcess(ledger, thisOwner(), { started_at: ago(20) });
    // Three in the twenty minutes of this process; what was before it, and other runs' work, says nothing.
    const events = [done(25), done(19), done(10), done(1), done(1, "run", "two"), done(2, "eval")];
    ledger.tables.insert(journal).values(events).run();
    const { arms } = look(ledger, { totals: new Map([["one", 12]]) });
    expect(arms[0]).toEqual({
      run: "one",
      setting: "coop",
      agent: "mini",
      model: "replay/demo",
      total: 12,
      done: 6,
      merged: 0,
      evaluated: 4,
      passed: 3,
      active: 0,
      faults: {},
      waiting: 0,
      ...{ paused: null, cancelled_whole: null, cancelled: 0 },
      cost_usd: 6,
      unpriced: 0,
      forecast_usd: 12,
      // 6 attempts at 3 in 20 minutes; 8 to evaluate at 1 in 20 minutes.
      eta_ms: 160 * 60_000,
    });
    expect(arms[1]).toMatchObject({ run: "two", total: null, forecast_usd: null, eta_ms: null });
    expect(look(ledger).arms[0]).toMatchObject({ total: null, forecast_usd: null, eta_ms: null });
  });

  test("go by the last half hour at most, and by nothing when nobody works", () => {
    using ledger = worked();
    ledger.tables
      .insert(journal)
      .values([done(31), done(29), done(1)])
      .run();
    const totals = new Map([["one", 8]]);
    expect(look(ledger, { totals }).arms).toMatchObject([{ eta_ms: null }]);
    addProcess(ledger, thisOwner(), { started_at: ago(600) });
    expect(look(ledger, { totals }).arms).toMatchObject([{ eta_ms: 30 * 60_000 }]);
  });

  test("have faults by code, and units that wait", () => {
    using ledger = worked();
    addProcess(ledger, thisOwner());
    addFault(ledger, at("2_3"), { code: "no_image" });
    addFault(ledger, at("2_3"), { code: "engine_gone" });
    addFault(ledger, at("2_4"), { code: "engine_gone" });
    addFault(ledger, at("2_5"), { code: "disk_full" });
    addFault(ledger, at("1_2"), { code: "disk_full", resolved_at: ago(1) });
    addLease(ledger, at("2_4"));
    expect(look(ledger).arms).toMatchObject([
      { faults: { engine_gone: 2, disk_full: 1 }, waiting: 2, active: 1 },
    ]);
  });

  test("are those that are asked for", () => {
    using ledger = worked();
    addRun(ledger, { run: "two" });
    addProcess(ledger, thisOwner());
    addLease(ledger, at("2_3"));
    const { arms, units, processes: all } = look(ledger, { runs: ["two"] });
    expect([arms.map(({ run }) => run), units, all.length]).toEqual([["two"], [], 1]);
  });
});
