import { describe, expect, test } from "bun:test";
import type { Attempted } from "./effect.ts";
import { effectsOf } from "./effects.ts";

type Message = Attempted["messages"][number];
const said = (seq: number, fields: Partial<Message> = {}): Message => ({
  seq,
  sender: "agent1",
  recipient: "agent2",
  content: "hello",
  sent_at: null,
  sent_step: 1,
  read_at: null,
  read_step: 2,
  ...fields,
});
const back = { sender: "agent2", recipient: "agent1" } as const;
const steps = (agent_id: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    agent_id,
    step: at + 1,
    model_ms: 100,
    exec_ms: at + 1,
  }));
const wrote = (agent_id: string, step: number, path: string) => ({
  agent_id,
  step,
  name: "bash",
  arguments: { command: `echo x > ${path}` },
});

const attempted = (fields: Partial<Attempted>): Attempted => ({
  agents: [
    { agent_id: "agent1", files: ["src/a.ts"] },
    { agent_id: "agent2", files: ["src/a.ts", "src/b.ts"] },
  ],
  messages: [],
  steps: [...steps("agent1", 6), ...steps("agent2", 6)],
  reads_kept: true,
  calls: [],
  paths: ["src/c.ts"],
  ...fields,
});

describe("what a reader edited", () => {
  const calls = [
    wrote("agent2", 1, "src/c.ts"),
    wrote("agent2", 2, "src/a.ts"),
    wrote("agent1", 3, "src/a.ts"),
    wrote("agent2", 4, "src/b.ts"),
  ];
  const edited = (messages: Message[], given: Attempted["calls"] = calls) =>
    effectsOf(attempted({ messages, calls: given })).map(
      (one) => one.edited?.map(({ step, path }) => `${step} ${path}`) ?? null,
    );

  test("is from the step that read to the next that reads", () => {
    expect(edited([said(1), said(2, { read_step: 4 })])).toEqual([["2 src/a.ts"], ["4 src/b.ts"]]);
  });
  test("is the same for messages that one step read", () => {
    expect(edited([said(1), said(2)])).toEqual([
      ["2 src/a.ts", "4 src/b.ts"],
      ["2 src/a.ts", "4 src/b.ts"],
    ]);
  });
  test("is not known of what was not read, nor without calls", () => {
    expect(edited([said(1, { read_step: null })])).toEqual([null]);
    expect(edited([said(1)], null)).toEqual([null]);
  });
});

describe("an answer", () => {
  const cases: readonly [
    what: string,
    messages: Message[],
    reads_kept: boolean,
    expected: unknown,
  ][] = [
    [
      "after reading",
      [said(1), said(2, { ...back, sent_step: 4 })],
      true,
      { seq: 2, sent_step: 4, steps: 3, duration_ms: 309 },
    ],
    [
      "that crossed it is none",
      [said(1, { read_step: 3 }), said(2, { ...back, sent_step: 2 })],
      true,
      null,
    ],
    [
      "from a third agent is none",
      [said(1), said(2, { ...back, sender: "agent3", sent_step: 4 })],
      true,
      null,
    ],
    [
      "to what was never read is none",
      [said(1, { read_step: null }), said(2, { ...back, sent_step: 4 })],
      true,
      null,
    ],
    [
      "by order alone where reading is not told",
      [
        said(1, { read_step: null, sent_step: null }),
        said(2, { ...back, sent_step: null, read_step: null }),
      ],
      false,
      { seq: 2, sent_step: null, steps: null, duration_ms: null },
    ],
    [
      "in steps that are not known has no time",
      [said(1), said(2, { ...back, sent_step: 9 })],
      true,
      { seq: 2, sent_step: 9, steps: 8, duration_ms: null },
    ],
  ];
  test.each(cases)("%s", (_, messages, reads_kept, expected) => {
    const [first] = effectsOf(attempted({ messages, reads_kept }));
    expect<unknown>(first?.answer).toEqual(expected);
    expect(first?.answered).toBe(expected !== null);
  });
});

describe("a promise", () => {
  const content = "I will not touch src/b.ts. Please leave src/b.ts alone. I'll edit src/a.ts.";
  const calls = [
    wrote("agent1", 1, "src/a.ts"),
    wrote("agent2", 2, "src/b.ts"),
    wrote("agent2", 3, "src/b.ts"),
  ];
  const judged = (message: Message, given: Attempted["calls"] = calls) =>
    effectsOf(attempted({ messages: [message], calls: given })).flatMap(({ promises }) =>
      promises.map(({ by, kind, status, step }) => `${by} ${kind} ${status} ${step}`),
    );

  test("is judged by the patch of who is bound, and shown by that agent's step", () => {
    expect(judged(said(1, { content }))).toEqual([
      "agent1 keep_off kept null",
      "agent2 keep_off broken 2",
      "agent1 touch kept 1",
    ]);
  });
  test("has the same status where no call is known", () => {
    expect(judged(said(1, { content }), null)).toEqual([
      "agent1 keep_off kept null",
      "agent2 keep_off broken null",
      "agent1 touch kept null",
    ]);
  });
  test("asked of who never read it is open", () => {
    expect(judged(said(1, { content, read_step: null }))[1]).toBe("agent2 keep_off open null");
  });
});

test("paths that a message names are followed to the reader's patch and step", () => {
  const message = said(1, { content: "See src/b.ts, src/c.ts and b.ts." });
  const [effect] = effectsOf(
    attempted({ messages: [message], calls: [wrote("agent2", 3, "src/b.ts")] }),
  );
  expect(effect?.named).toEqual([
    { path: "src/b.ts", in_patch: true, step: 3 },
    { path: "src/c.ts", in_patch: false, step: null },
  ]);
  const none = attempted({ messages: [message], agents: [] });
  expect(effectsOf(none)[0]?.named[0]).toEqual({ path: "src/b.ts", in_patch: null, step: null });
});
