import { describe, expect, test } from "bun:test";
import { addRun, attemptRecord, HARD_BYTES, memoryLedger } from "./ledger.fixture.ts";
import { mergeRecord, mergeRow, scoreRow, sideRow, suiteRecord } from "./verdicts.fixture.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const FOLDER = "r/.superseded/alpha_task/task1/features_1_2";

function filled() {
  const ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  return ledger;
}
type Ledger = ReturnType<typeof filled>;

/** A judged attempt with something in every table that an attempt has rows in. */
function addWhole(ledger: Ledger, cost_usd: number | null = 0.5): void {
  const bytes = HARD_BYTES["every byte value"] ?? new Uint8Array();
  const record = attemptRecord(KEY, {
    agents: [{ cost_usd }, { cost_usd: 0.25, bytes }],
    steps: [{ agent_id: "agent1", step: 1 }],
    calls: [{ agent_id: "agent1", seq: 1 }],
    messages: [{ seq: 1, sender: "agent1" }],
  });
  const artefacts = [{ path: "result.json", sha256: "h", size_bytes: 1 }];
  ledger.attempts.put([{ ...record, artefacts }]);
  const side = sideRow(KEY, { patch: record.patches[1]?.hash ?? "" });
  ledger.merges.put([mergeRecord([mergeRow(KEY)], { sides: [side] })]);
  ledger.scores.putSuite(suiteRecord("s"));
  ledger.scores.put(
    KEY,
    [scoreRow(KEY), scoreRow(KEY, { policy: "naive", passed: false, outcome: "conflict" })],
    [{ attempt_key: KEY, tested: "naive", feature_id: 1, suite_key: "s" }],
  );
}

/** Tables with a column that names an attempt, but not the one that keeps them. */
function tablesOfAttempts(ledger: Ledger): string[] {
  const named = `SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
    WHERE m.type = 'table' AND c.name = 'attempt_key' AND m.name <> 'superseded' ORDER BY 1`;
  return ledger.query(named).map(({ name }) => String(name));
}

function rowsOfAttempt(ledger: Ledger): Record<string, unknown[]> {
  const tables = tablesOfAttempts(ledger).map((table) => [
    table,
    ledger.query(`SELECT * FROM ${table} WHERE attempt_key = '${KEY}' ORDER BY rowid`),
  ]);
  return Object.fromEntries(tables);
}

const countsOf = (rows: Record<string, unknown[]>) =>
  Object.fromEntries(Object.entries(rows).map(([table, found]) => [table, found.length]));

/** What was kept of the n-th superseded attempt. */
function kept(ledger: Ledger, generation = 1): Record<string, unknown[]> {
  const [row] = ledger.query(`SELECT rows FROM superseded WHERE generation = ${generation}`);
  const { rows } = row ?? {};
  if (!(rows instanceof Uint8Array)) throw new TypeError("no rows were kept");
  return JSON.parse(Buffer.from(Bun.zstdDecompressSync(rows)).toString());
}

describe("an attempt that is set aside", () => {
  test("leaves every table of attempts, and is kept with the rows of each", () => {
    using ledger = filled();
    addWhole(ledger);
    const before = rowsOfAttempt(ledger);
    expect(ledger.superseded.setAside(KEY, "retry: failed")).toBe(`${FOLDER}.1`);
    expect(new Set(Object.values(countsOf(rowsOfAttempt(ledger))))).toEqual(new Set([0]));
    expect(countsOf(kept(ledger))).toEqual(countsOf(before));
    expect(kept(ledger).agents).toMatchObject([
      { agent_id: "agent1", cost_usd: 0.5 },
      { agent_id: "agent2", cost_usd: 0.25 },
    ]);
    expect(kept(ledger).scores).toHaveLength(2);
    // Patches are kept by content, for whoever names them.
    expect(ledger.query("SELECT count(*) AS n FROM patches")).toEqual([{ n: 2 }]);
  });

  test("is listed with what it was, and its cost goes on counting once", () => {
    using ledger = filled();
    addWhole(ledger);
    const spent = ledger.runs.spent("r").usd;
    ledger.superseded.setAside(KEY, "retry: failed");
    expect(ledger.superseded.all("r")).toMatchObject([
      { attempt_key: KEY, run: "r", generation: 1, reason: "retry: failed", passed: true },
    ]);
    expect(ledger.superseded.all("r")).toMatchObject([{ outcome: "submitted", cost_usd: 0.75 }]);
    expect(ledger.superseded.all("other")).toEqual([]);
    expect([spent, ledger.runs.spent("r").usd]).toEqual([0.75, 0.75]);
    expect(ledger.work.journal()).toMatchObject([
      { unit: KEY, step: "run", event: "superseded", note: "retry: failed", cost_usd: 0 },
    ]);
  });

  test("S11: of a price that is not known in part has what is known, and how many calls are not", () => {
    using ledger = filled();
    addWhole(ledger, null);
    ledger.superseded.setAside(KEY, "again");
    expect(ledger.superseded.all()).toMatchObject([{ cost_usd: 0.25, unpriced: 1 }]);
  });

  test("again and again has a generation and a folder each", () => {
    using ledger = filled();
    for (const generation of [1, 2, 3]) {
      addWhole(ledger);
      expect(ledger.superseded.setAside(KEY, "again")).toBe(`${FOLDER}.${generation}`);
      expect(ledger.superseded.folder(KEY)).toBe(`${FOLDER}.${generation}`);
    }
    expect(ledger.superseded.all().map(({ generation }) => generation)).toEqual([1, 2, 3]);
    expect(ledger.runs.spent("r").usd).toBe(2.25);
  });

  test("without a verdict has none", () => {
    using ledger = filled();
    ledger.attempts.put([attemptRecord(KEY)]);
    ledger.superseded.setAside(KEY, "again");
    expect(ledger.superseded.all()).toMatchObject([{ passed: null, outcome: "submitted" }]);
  });
});

describe("nothing is set aside", () => {
  test("of what is not there", () => {
    using ledger = filled();
    expect(ledger.superseded.setAside(KEY, "again")).toBeUndefined();
    expect(ledger.superseded.folder(KEY)).toBeUndefined();
    expect([ledger.superseded.all(), ledger.work.journal()]).toEqual([[], []]);
  });

  const work = { unit: KEY, step: "eval", run: "r" } as const;
  const asker = (owner: string) => ({ owner, isGone: () => true, isDone: () => false });

  test("while a process works on it, in whatever step", () => {
    using ledger = filled();
    addWhole(ledger);
    ledger.work.claim([work], asker("a"));
    expect(ledger.superseded.setAside(KEY, "again")).toBeUndefined();
    expect(ledger.attempts.has(KEY)).toBe(true);
  });

  test("by a process that lost the unit: what is there is another's", () => {
    using ledger = filled();
    ledger.work.claim([{ ...work, step: "run" }], asker("a"));
    ledger.work.claim([{ ...work, step: "run" }], asker("b"));
    ledger.attempts.put([attemptRecord(KEY)], { owner: "b" });
    const replacing = () => ledger.superseded.replace(KEY, "done again", { owner: "a" });
    expect(replacing).toThrow(expect.objectContaining({ code: "lease_lost" }));
    expect(ledger.attempts.has(KEY)).toBe(true);
    expect(ledger.superseded.all()).toEqual([]);
  });

  test("but by the process that holds it", () => {
    using ledger = filled();
    addWhole(ledger);
    ledger.work.claim([{ ...work, step: "run" }], asker("a"));
    expect(ledger.superseded.replace(KEY, "done again", { owner: "a" })).toBe(`${FOLDER}.1`);
    expect(ledger.attempts.has(KEY)).toBe(false);
    expect(ledger.work.leases()).toMatchObject([{ owner: "a" }]);
  });
});
