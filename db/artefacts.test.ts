import { expect, test } from "bun:test";
import { putArtefacts } from "./artefacts.ts";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const row = (path: string, hash = "h") => ({ path, sha256: hash, size_bytes: 1 });

function filled() {
  const ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  ledger.attempts.put([attemptRecord(KEY), attemptRecord(`${KEY}~2`)]);
  ledger.artefacts.put(`${KEY}~2`, { rows: [row("other")] });
  return ledger;
}

type Change = Parameters<typeof putArtefacts>[2];
const CASES: [what: string, changes: Change[], expected: ReturnType<typeof row>[]][] = [
  ["rows in order of their paths", [{ rows: [row("b"), row("a")] }], [row("a"), row("b")]],
  [
    "all replaced",
    [{ rows: [row("a"), row("b")] }, { rows: [row("b", "new")] }],
    [row("b", "new")],
  ],
  [
    "a step's own replaced, the others kept",
    [
      { rows: [row("a"), row("merge.json")] },
      { rows: [row("merge.json", "new")], only: ["merge.json"] },
    ],
    [row("a"), row("merge.json", "new")],
  ],
  [
    "a step's file that is gone forgotten",
    [{ rows: [row("a"), row("m.diff")] }, { rows: [], only: ["merge.json", "m.diff"] }],
    [row("a")],
  ],
  ["nothing of no files", [{ rows: [row("a")] }, { rows: [], only: [] }], [row("a")]],
];
test.each(CASES)("%s", (_, changes, expected) => {
  using ledger = filled();
  for (const change of changes) ledger.artefacts.put(KEY, change);
  expect(ledger.artefacts.of(KEY)).toEqual(expected);
  expect(ledger.artefacts.of(`${KEY}~2`)).toEqual([row("other")]);
  expect(ledger.artefacts.ofRun("r")).toEqual([
    ...expected.map((one) => ({ attempt_key: KEY, ...one })),
    { attempt_key: `${KEY}~2`, ...row("other") },
  ]);
  expect(ledger.artefacts.ofRun("other")).toEqual([]);
});

test("what a step does not own is refused, and so is a row of no attempt", () => {
  using ledger = filled();
  const stray = { rows: [row("a")], only: ["merge.json"] };
  expect(() => ledger.artefacts.put(KEY, stray)).toThrow(RangeError);
  expect(() => ledger.artefacts.put("r/none", { rows: [row("a")] })).toThrow(/FOREIGN KEY/);
});

test("the caller's transaction stores or undoes them with everything else; they go with their attempt", () => {
  using ledger = filled();
  const undone = () =>
    ledger.tables.transaction((tx) => {
      putArtefacts(tx, KEY, { rows: [row("a")] });
      throw new Error("undone");
    });
  expect(undone).toThrow("undone");
  expect(ledger.artefacts.of(KEY)).toEqual([]);
  ledger.tables.transaction((tx) => putArtefacts(tx, KEY, { rows: [row("a")] }));
  expect(ledger.artefacts.of(KEY)).toEqual([row("a")]);
  ledger.superseded.replace(KEY, "again");
  expect(ledger.artefacts.of(KEY)).toEqual([]);
});
