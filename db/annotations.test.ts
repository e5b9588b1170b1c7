import { expect, test } from "bun:test";
import { addRun, attemptRecord, memoryLedger } from "./ledger.fixture.ts";

const KEY = "one/alpha_task/task1/features_1_2";
const ADA = { attempt_key: KEY, subject: "1", measure: null, label: null, annotated_by: "ada" };

function annotated() {
  const ledger = memoryLedger();
  addRun(ledger, { run: "one" });
  ledger.attempts.put([attemptRecord(KEY, { messages: [{ seq: 1, sender: "agent1" }] })]);
  const put = (more: object) => ledger.annotations.put({ ...ADA, note: null, ...more });
  const said = () =>
    ledger.annotations.of(KEY).map(({ label, note, annotated_by }) => [annotated_by, label, note]);
  return { ledger, put, said, [Symbol.dispose]: () => ledger.close() };
}

test("Annotate: a label takes the place of the same person's, notes and others' labels stay", () => {
  using here = annotated();
  const act = { measure: "speech act" };
  here.put({ ...act, label: "plan" });
  here.put({ note: "hm" });
  here.put({ ...act, label: "question", annotated_by: "bob" });
  here.put({ note: "hm" });
  here.put({ ...act, label: null, note: "none of them" });
  expect(here.said()).toEqual([
    ["ada", null, "hm"],
    ["bob", "question", null],
    ["ada", null, "hm"],
    ["ada", null, "none of them"],
  ]);
});

test("Annotate: only one's own is taken back, and a number is not given again", () => {
  using here = annotated();
  const { id } = here.put({ note: "first" });
  expect(here.ledger.annotations.remove(id, "bob")).toBe(false);
  expect(here.ledger.annotations.remove(id, "ada")).toBe(true);
  expect(here.put({ note: "second" }).id).toBe(id + 1);
});

test("Annotate: an attempt that is done again takes them along, whole", () => {
  using here = annotated();
  here.put({ note: "of the first try" });
  here.ledger.superseded.setAside(KEY, "again");
  expect(here.said()).toEqual([]);
  const [row] = here.ledger.tables.query.superseded.findMany().sync();
  const kept = JSON.parse(
    Buffer.from(Bun.zstdDecompressSync(row?.rows ?? new Uint8Array())).toString(),
  );
  expect(kept.annotations).toMatchObject([{ note: "of the first try", annotated_by: "ada" }]);
  expect(() => here.put({ note: "too late" })).toThrow("set aside");
});
