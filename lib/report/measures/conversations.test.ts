import { afterAll, describe, expect, test } from "bun:test";
import {
  type AttemptParts,
  addRun,
  attemptRecord,
  memoryLedger,
  NOW,
} from "../../../db/ledger.fixture.ts";
import { mergeRecord, mergeRow } from "../../../db/verdicts.fixture.ts";
import { conversationParts } from "./conversations.ts";

const ledger = memoryLedger();
afterAll(() => ledger.close());
type Message = NonNullable<AttemptParts["messages"]>[number];
type Status = "clean" | "conflicts" | "apply_failed";

const later = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();
function add(name: string, status: Status | undefined, messages: readonly Partial<Message>[]) {
  const key = `${name.split(" ")[0]}/alpha_task/task1/features_${name.split(" ")[1]}`;
  const rows = messages.map((message, at) => ({ seq: at + 1, sender: "agent1", ...message }));
  ledger.attempts.put([attemptRecord(key, { messages: rows })]);
  if (status !== undefined) ledger.merges.put([mergeRecord([mergeRow(key, { status })])]);
  return key;
}
const reply = { sender: "agent2", recipient: "agent1", sent_step: 4 };

addRun(ledger, { run: "talk" });
addRun(ledger, { run: "import" });
add("talk 1_2", "clean", [
  { content: "I'll take src/a.py, lines 1-20.", sent_at: later(3000), sent_step: 2, read_step: 3 },
  { ...reply, content: "Got it, thanks." },
]);
add("talk 1_3", "conflicts", [
  { content: "I'll edit b.py. Which files do you take?", sent_at: later(1000), read_step: null },
  { content: "Done, all tests pass.", sent_step: 9 },
]);
add("talk 2_3", "conflicts", [{ content: "Done.", sent_at: NOW }]);
add("talk 1_4", "apply_failed", [{ content: "I'll take c.py.", sent_at: later(7000) }]);
add("talk 2_4", "clean", []);
const unknown = { sent_at: null, sent_step: null };
const dated = add("import 1_2", undefined, [{ content: "I'll start.", ...unknown }]);
const undated = add("import 1_3", undefined, [
  { content: "Hello.", sent_at: NOW, sent_step: null },
]);
for (const attempt_key of [dated, undated])
  ledger.imported.put([
    {
      ...{ attempt_key, source: "logs", form: "released", content_sha256: "h", passed: null },
      ...{ merge_status: null, strategy: null, evaluated_at: null, files: {}, problems: [] },
      imported_at: NOW,
    },
  ]);

const runs = ["talk", "import"];

describe("conversations", () => {
  const lines = conversationParts(ledger, { runs }).conversations;
  const line = (run: string, measure: string) =>
    lines.find((row) => row.run === run && row.measure === measure);
  const cases: [measure: string, expected: Record<string, number | null>][] = [
    ["messages", { known_values: 4, median: 1.5, total: 6, per_message: 1 }],
    ["turns", { known_values: 4, total: 5 }],
    ["first_message_ms", { known_values: 4, q1: 750, median: 2000, q3: 4000 }],
    ["first_message_step", { known_values: 4, median: 1, mean: 1.25 }],
    ["questions", { known_values: 4, total: 1 }],
    ["unanswered_questions", { known_values: 4, total: 1 }],
    ["near_duplicates", { known_values: 4, total: 0 }],
    ["line_mentions", { known_values: 4, total: 1, per_message: 1 / 6 }],
    ["path_mentions", { known_values: 4, total: 3, per_message: 0.5 }],
  ];
  test.each(cases)("%s", (measure, expected) => {
    expect(line("talk", measure)).toMatchObject(expected);
  });

  test("without times and steps have unknown ones, and a first message that dates its attempt says no time", () => {
    expect(line("import", "first_message_ms")).toMatchObject({
      known_values: 0,
      unknown_values: 2,
      median: null,
    });
    expect(line("import", "first_message_step")).toMatchObject({
      known_values: 0,
      unknown_values: 2,
    });
    expect(line("import", "messages")).toMatchObject({ known_values: 2, total: 2 });
  });
});

test("speech acts are counted by run, and all labels have a line", () => {
  const rows = conversationParts(ledger, { runs: ["talk"] }).acts;
  expect(rows.map(({ act, messages }) => [act, messages])).toEqual([
    ["question", 1],
    ["answer", 0],
    ["plan", 2],
    ["update", 2],
    ["acknowledgement", 1],
    ["other", 0],
  ]);
  expect(rows[0]).toMatchObject({ run: "talk", share: 1 / 6 });
});

describe("planning", () => {
  const rows = conversationParts(ledger, { runs: ["talk"] }).planning;
  const cases: [group: string, expected: Record<string, number | null>][] = [
    ["first message is a plan", { attempts: 2, merged: 1, conflicts: 0, conflict_rate: 0 }],
    ["first message is no plan", { attempts: 2, merged: 2, conflicts: 2, conflict_rate: 1 }],
    ["first message holds a plan", { attempts: 3, merged: 2, conflicts: 1, conflict_rate: 0.5 }],
    ["first message holds none", { attempts: 1, merged: 1, conflicts: 1, conflict_rate: 1 }],
    ["merge conflicts", { attempts: 2, plans: 0, questions: 1, plan_question_ratio: 0 }],
    ["merge is clean", { attempts: 1, plans: 1, questions: 0, plan_question_ratio: null }],
  ];
  test.each(cases)("%s", (group, expected) => {
    expect(rows.find((row) => row.group === group)).toMatchObject(expected);
  });
});

test("one reading gives all three, of the attempts that are asked for only", () => {
  const only = ["talk/alpha_task/task1/features_1_2"];
  const { conversations, acts, planning } = conversationParts(ledger, { runs, only });
  expect(conversations[0]).toMatchObject({
    run: "talk",
    measure: "messages",
    known_values: 1,
    total: 2,
  });
  expect(acts.map(({ messages }) => messages)).toEqual([0, 0, 1, 0, 1, 0]);
  expect(planning).toHaveLength(6);
  expect(conversationParts(ledger, { runs: [] }).acts).toEqual([]);
});
