import { describe, expect, test } from "bun:test";
import {
  type AttemptParts,
  addRun,
  attemptRecord,
  memoryLedger,
  NOW,
} from "../../db/ledger.fixture.ts";
import { clockOf } from "./clock.ts";
import { timeline } from "./timeline.ts";

const KEY = "r/alpha_task/task1/features_1_2";
const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();

function clock(parts: AttemptParts) {
  using ledger = memoryLedger();
  addRun(ledger, { run: "r" });
  ledger.attempts.put([attemptRecord(KEY, parts)]);
  const page = ledger.pages.attempt(KEY);
  if (page === undefined) throw new Error("the attempt is stored");
  return clockOf(page);
}

describe("a step", () => {
  const cases: [
    name: string,
    parts: AttemptParts,
    times: { asked: number; answered: number; done: number },
  ][] = [
    [
      "noted when its commands began",
      { steps: [{ agent_id: "agent1", step: 1, started_at: at(500), model_ms: 300, exec_ms: 50 }] },
      { asked: 200, answered: 500, done: 550 },
    ],
    [
      "noted when its commands began, with its call",
      {
        steps: [{ agent_id: "agent1", step: 1, started_at: at(500), model_ms: 300, exec_ms: 50 }],
        calls: [{ agent_id: "agent1", seq: 1, started_at: at(100) }],
      },
      { asked: 100, answered: 500, done: 550 },
    ],
    [
      "noted when the model was asked",
      {
        steps: [{ agent_id: "agent1", step: 1, started_at: at(100), model_ms: 300, exec_ms: 50 }],
        calls: [{ agent_id: "agent1", seq: 1, started_at: at(100) }],
      },
      { asked: 100, answered: 400, done: 450 },
    ],
    [
      "that began before its attempt by a clock's jump",
      {
        steps: [{ agent_id: "agent1", step: 1, started_at: at(-5000), model_ms: 300, exec_ms: 50 }],
      },
      { asked: 0, answered: 300, done: 350 },
    ],
  ];
  test.each(cases)("%s", (_, parts, times) => expect(clock(parts).steps[0]).toMatchObject(times));

  test("without a readable time is left out", () => {
    expect(
      clock({ steps: [{ agent_id: "agent1", step: 1, started_at: "yesterday" }] }).steps,
    ).toEqual([]);
  });
});

describe("messages", () => {
  const found = clock({
    attempt: { wall_ms: 1000 },
    messages: [
      { seq: 1, sender: "agent1", sent_at: at(200), read_at: at(700) },
      { seq: 2, sender: "agent2", recipient: "agent1", sent_at: at(1500) },
      { seq: 3, sender: "agent1", sent_at: null },
    ],
  });

  test("have their times, and the axis reaches the last", () => {
    expect(found.messages.map(({ sent, read }) => [sent, read])).toEqual([
      [200, 700],
      [1500, null],
      [null, null],
    ]);
    expect(found.end).toBe(1500);
  });

  test("are arrows that lead to their text; one without a time is not drawn", () => {
    const drawn = timeline(found)?.text ?? "";
    expect(drawn.match(/href="#message-\d"/g)).toEqual(['href="#message-1"', 'href="#message-2"']);
    expect(drawn.match(/class="arrow a2 unread"/g)).toHaveLength(1);
  });
});

test("nothing with a time is no drawing", () => {
  expect(timeline(clock({}))).toBeUndefined();
});
