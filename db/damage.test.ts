import { describe, expect, test } from "bun:test";
import {
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { asFault, type Fault } from "../lib/core/fault.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { type Ledger, openLedger, openLedgerToRead } from "./ledger.ts";

const PAGE = 4096;

/** A ledger with rows, whose file alone holds them. */
function filled(path: string): void {
  using ledger = openLedger(path);
  ledger.tables.transaction(() => {
    for (let number = 2; number < 300; number++) addFault(ledger, number);
  });
  ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
}

function addFault(ledger: Ledger, number: number): void {
  ledger.faults.add({
    ...{ unit: `r/x_task/task1/features_1_${number}`, run: "r", repo: "x_task", task_id: 1 },
    ...{ features: [1, number], try: 1, step: "run", code: "internal", cost_usd: 0 },
    ...{ message: "m".repeat(200), hint: "h", cause: null, happened_at: "2026-01-01" },
  });
}

/** Overwrites all pages behind the first `kept`. */
function damage(path: string, kept: number): void {
  const file = openSync(path, "r+");
  const { size } = statSync(path);
  for (let at = kept * PAGE; at < size; at += PAGE)
    writeSync(file, new Uint8Array(PAGE).fill(7), 0, PAGE, at);
  closeSync(file);
}

function faultOf(work: () => unknown): Pick<Fault, "code" | "hint"> {
  try {
    work();
  } catch (error) {
    const { code, hint } = asFault(error);
    return { code, hint };
  }
  throw new Error("it went well");
}

const unit = { unit: "r/x_task/task1/features_1_2", step: "run", run: "r" } as const;
const ASKED: readonly (readonly [string, (ledger: Ledger) => unknown])[] = [
  ["a read", ({ faults }) => faults.open()],
  ["people's query", ({ query }) => query("SELECT * FROM faults")],
  [
    "a claim",
    ({ work }) => work.claim([unit], { owner: "o", isGone: () => false, isDone: () => false }),
  ],
  [
    "a heartbeat",
    ({ work }) =>
      work.beat("o", {
        state: "running",
        tokens: 0,
        models: [],
        progress: [{ ...unit, progress: { doing: "x", cost_usd: 0, tokens: 0, agents: [] } }],
      }),
  ],
  ["a row", ({ work }) => work.plan("r", 3)],
];

describe("S8: pages damaged after opening are `ledger_unreadable`, with what to do", () => {
  // A new row may find its page in memory still.
  test.each(ASKED.slice(0, -1))("%s", (_, ask) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "l.sqlite");
    filled(path);
    using ledger = openLedger(path);
    damage(path, 1);
    expect(faultOf(() => ask(ledger))).toEqual({
      code: "ledger_unreadable",
      hint: expect.stringContaining("check-ledger shows what is damaged"),
    });
  });

  test("a file that is no SQLite file any more", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "l.sqlite");
    filled(path);
    damage(path, 0);
    expect(faultOf(() => openLedger(path)).code).toBe("ledger_unreadable");
  });
});

describe("S8: a file that goes while it is open is told, and not written on", () => {
  const GONE: readonly (readonly [string, RegExp, (path: string) => void])[] = [
    ["deleted", /was deleted while it was open/, (path) => rmSync(path)],
    ["moved away", /was deleted while it was open/, (path) => renameSync(path, `${path}.old`)],
    [
      "replaced by a copy",
      /was replaced while it was open/,
      (path) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ];
  test.each(GONE)("%s", (_, words, lose) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "l.sqlite");
    filled(path);
    using ledger = openLedger(path);
    using looked = openLedgerToRead(path);
    lose(path);
    for (const [, ask] of ASKED) {
      if (ask === ASKED[1]?.[1]) continue;
      expect(() => ask(ledger)).toThrow(words);
      expect(faultOf(() => ask(ledger)).code).toBe("ledger_unreadable");
    }
    expect(() => looked.runs.all()).toThrow(words);
  });

  test("one in memory has no place to leave", () => {
    using ledger = openLedger(":memory:");
    expect(ledger.faults.open()).toEqual([]);
  });
});
