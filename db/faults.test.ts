import { expect, test } from "bun:test";
import { resolveFaults } from "./faults.ts";
import { memoryLedger } from "./ledger.fixture.ts";
import { addFault } from "./verdicts.fixture.ts";

const KEY = "one/alpha_task/task1/features_1_2";

test("open faults come newest last, whatever their unit, with all their fields", () => {
  using ledger = memoryLedger();
  const parts = [
    [`${KEY}~2`, { step: "eval", code: "engine_gone" }],
    [KEY, { step: "run", code: "no_image", cause: "Error: no such image" }],
    [KEY, { step: "merge", code: "git_failed" }],
  ] as const;
  for (const [key, fields] of parts) addFault(ledger, key, fields);
  const open = ledger.faults.open();
  expect(open.map(({ unit, code }) => [unit, code])).toEqual(
    parts.map(([key, { code }]) => [key, code]),
  );
  expect(open[1]).toMatchObject({
    run: "one",
    repo: "alpha_task",
    task_id: 1,
    features: [1, 2],
    try: 1,
    cause: "Error: no such image",
    hint: "start it again",
    resolved_at: null,
  });
  expect(open[0]?.try).toBe(2);
});

test("a resolved fault stays on record and is not resolved twice", () => {
  using ledger = memoryLedger();
  addFault(ledger, KEY, { resolved_at: "long ago" });
  addFault(ledger, KEY);
  addFault(ledger, KEY, { step: "merge" });
  resolveFaults(ledger.tables, KEY, "run");
  expect(ledger.faults.open().map(({ step }) => step)).toEqual(["merge"]);
  const stored = ledger.query("SELECT resolved_at FROM faults WHERE step = 'run' ORDER BY id");
  expect(stored[0]).toEqual({ resolved_at: "long ago" });
  expect(Number.isNaN(Date.parse(String(stored[1]?.resolved_at)))).toBe(false);
});
