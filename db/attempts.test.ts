import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { sha256 } from "../lib/core/files.ts";
import type { AttemptFilter } from "./attempts.ts";
import { addRun, asPatch, attemptRecord, HARD_BYTES, memoryLedger } from "./ledger.fixture.ts";
import type { Ledger } from "./ledger.ts";
import {
  addFault,
  mergeRecord,
  mergeRow,
  scoreRow,
  sideRow,
  suiteRecord,
} from "./verdicts.fixture.ts";

setDefaultTimeout(60_000);

const KEY = "one/alpha_task/task1/features_1_2";
const KEYS = [
  KEY,
  "one/alpha_task/task1/features_1_2~2",
  "one/alpha_task/task0/features_1_2",
  "one/beta_task/task1/features_3_10_4",
  "two/alpha_task/task1/features_1_2",
];

function filled(): Ledger {
  const ledger = memoryLedger();
  for (const run of ["one", "two"]) addRun(ledger, { run });
  ledger.attempts.put(KEYS.map((key) => attemptRecord(key)));
  return ledger;
}
const rowsOf = (ledger: Ledger, table: string, key = KEY) =>
  ledger.query(`SELECT count(*) AS n FROM ${table} WHERE attempt_key = '${key}'`)[0]?.n;
const CHILDREN = [
  "agents",
  "steps",
  "calls",
  "messages",
  "merges",
  "sides",
  "scores",
  "attempt_suites",
];

/** The attempt with a row in every table that hangs on it. */
function withEverything(ledger: Ledger): void {
  ledger.attempts.put([
    attemptRecord(KEY, {
      steps: [{ agent_id: "agent1", step: 1 }],
      calls: [{ agent_id: "agent1", seq: 1 }],
      messages: [{ seq: 1, sender: "agent1" }],
    }),
  ]);
  const patch = asPatch(Buffer.from("the patch that was merged"));
  ledger.merges.put([
    mergeRecord([mergeRow(KEY)], {
      sides: [sideRow(KEY, { patch: patch.hash })],
      patches: [patch],
    }),
  ]);
  ledger.scores.putSuite(suiteRecord("suite"));
  ledger.scores.put(
    KEY,
    [scoreRow(KEY)],
    [{ attempt_key: KEY, tested: "naive", feature_id: 1, suite_key: "suite" }],
  );
}

describe("an attempt that is there already", () => {
  test("is replaced by put, and its merges and scores go with it", () => {
    using ledger = filled();
    withEverything(ledger);
    expect(CHILDREN.map((table) => rowsOf(ledger, table))).toEqual([2, 1, 1, 1, 1, 1, 1, 1]);
    ledger.attempts.put([
      attemptRecord(KEY, { attempt: { outcome: "limit reached" }, agents: [{}] }),
    ]);
    expect(CHILDREN.map((table) => rowsOf(ledger, table))).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(ledger.attempts.select({ keys: [KEY] })).toMatchObject([
      { attempt_key: KEY, outcome: "limit reached", agents: [{ agent_id: "agent1" }] },
    ]);
    expect(ledger.attempts.keys({}).length).toBe(KEYS.length);
    expect(ledger.scores.suite("suite")?.outcome).toBe("passed");
  });

  test("is set aside with all that rests on it, and nothing else is", () => {
    using ledger = filled();
    withEverything(ledger);
    expect(ledger.superseded.setAside(KEY, "test")).toBeString();
    expect(ledger.superseded.setAside("two/no/such/key", "test")).toBeUndefined();
    expect(ledger.attempts.has(KEY)).toBe(false);
    expect(CHILDREN.map((table) => rowsOf(ledger, table))).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(ledger.attempts.keys({}).length).toBe(KEYS.length - 1);
  });
});

describe("reading", () => {
  const [first = "", second = "", zero = "", three = "", other = ""] = KEYS;
  const cases: [title: string, filter: AttemptFilter, expected: string[]][] = [
    ["all, by run, repo, task, key", {}, [zero, first, second, sorted(three), other]],
    ["a run", { run: "two" }, [other]],
    ["a task of 0", { task_id: 0 }, [zero]],
    ["a repo", { repo: "beta_task" }, [sorted(three)]],
    ["features, of three", { features: [3, 4, 10] }, [sorted(three)]],
    ["features of two are no part of three", { features: [3, 4] }, []],
    ["pairs", { pair_keys: new Set(["alpha_task/task1/features_1_2"]) }, [first, second, other]],
    ["keys, whatever their order", { keys: [other, "unknown", first, first] }, [first, other]],
    ["no key at all is none", { keys: [] }, []],
    ["no pair at all is none", { pair_keys: new Set() }, []],
    ["every field narrows", { run: "one", task_id: 1, keys: [first, zero, other] }, [first]],
    ["text is data, not SQL", { run: "one' OR '1'='1" }, []],
  ];
  test.each(cases)("%s", (_, filter, expected) => {
    using ledger = filled();
    expect(ledger.attempts.keys(filter)).toEqual(expected);
    const selected = ledger.attempts.select(filter);
    expect(selected.map((row) => row.attempt_key)).toEqual(expected);
    for (const row of selected)
      expect(row.agents.map((agent) => agent.agent_id)).toEqual(
        row.features.map((_feature, index) => `agent${index + 1}`),
      );
  });

  test("U9: features and tries come by number", () => {
    using ledger = memoryLedger();
    addRun(ledger, { run: "n" });
    const wanted = ["1_2", "1_2~2", "1_2~10", "1_3", "1_10", "2_3", "1_2_3", "10_11"].map(
      (pair) => `n/alpha_task/task1/features_${pair}`,
    );
    const sortedBy = (keys: readonly string[]) => keys.filter((key) => !key.includes("1_2_3"));
    ledger.attempts.put([...wanted].reverse().map((key) => attemptRecord(key)));
    expect(sortedBy(ledger.attempts.keys({}))).toEqual(sortedBy(wanted));
    const rows = ledger.outcomes.rows("union").map(({ attempt_key }) => attempt_key);
    expect(sortedBy(rows)).toEqual(sortedBy(wanted));
  });

  test("a million keys are no more than SQLite takes", () => {
    using ledger = filled();
    const many = Array.from(
      { length: 1_000_000 },
      (_, n) => `one/alpha_task/task${n}/features_1_2`,
    );
    expect(ledger.attempts.keys({ keys: many })).toEqual([zero, first]);
    expect(
      ledger.attempts.select({ pair_keys: new Set([...many, "alpha_task/task0/features_1_2"]) })
        .length,
    ).toBe(1);
  });

  test("what is finished comes with its task's hash and outcome", () => {
    using ledger = filled();
    expect([...ledger.attempts.finished("two")]).toMatchObject([
      [other, { task_hash: "hash", outcome: "submitted", started_at: expect.any(String) }],
    ]);
    expect(ledger.attempts.finished("three").size).toBe(0);
  });

  test("rows come back as they were put", () => {
    using ledger = filled();
    const record = attemptRecord("two/beta_task/task2/features_1_2", {
      agents: [
        { cost_usd: null, limit_reached: "100 steps", outcome: "limit reached" },
        { cost_usd: 0 },
      ],
    });
    ledger.attempts.put([record]);
    const [read] = ledger.attempts.select({ repo: "beta_task", task_id: 2 });
    expect(read).toMatchObject({ ...record.attempt, agents: [...record.agents] });
  });
});

describe("patches of agents keep their bytes", () => {
  test.each(Object.entries(HARD_BYTES))("%s, from both agents at once", (_, bytes) => {
    using ledger = filled();
    ledger.attempts.put([attemptRecord(KEY, { agents: [{ bytes }, { bytes }] })]);
    const hashes = ledger.attempts
      .select({ keys: [KEY] })
      .flatMap((row) => row.agents.map((a) => a.patch));
    expect(hashes).toEqual([sha256(bytes), sha256(bytes)]);
    const read = ledger.dataset.patchBytes(hashes).get(sha256(bytes));
    expect(read).toEqual(Buffer.from(bytes));
  });
});

test("success resolves the faults of the unit's run, and of nothing else", () => {
  using ledger = filled();
  addFault(ledger, KEY);
  addFault(ledger, KEY, { step: "eval", code: "engine_gone" });
  addFault(ledger, `${KEY}~2`, { code: "no_image" });
  ledger.attempts.put([attemptRecord(KEY)]);
  expect(ledger.faults.open().map((fault) => fault.code)).toEqual(["engine_gone", "no_image"]);
});

function sorted(key: string): string {
  return key.replace("features_3_10_4", "features_3_4_10");
}
