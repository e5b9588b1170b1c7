import { describe, expect, test } from "bun:test";
import { memoryMailbox } from "../team/memory.ts";
import { type Delivery, deliver } from "./deliver.ts";
import type { Posted } from "./send-message.ts";

const IDS = ["agent1", "agent2", "agent3"];
const post = (to: string, content = "x", wait = false): Posted => ({ to, content, wait });

function delivery(fields: Partial<Delivery> = {}): Delivery {
  const signal = new AbortController().signal;
  const job = { agent_id: "agent1", partners: ["agent2", "agent3"], signal };
  return { job, mailbox: memoryMailbox(IDS), step: 4, left_ms: 60_000, ...fields };
}

describe("addresses", () => {
  const CASES: [to: string, recipients: string[], note: string][] = [
    ["agent2", ["agent2"], "[message sent to agent2]"],
    ["all", ["agent2", "agent3"], "[message sent to all]"],
    ["agent1", [], "[message not sent: agent1 is you]"],
    ["agnet3", [], '[message not sent: no agent "agnet3"; did you mean agent3?]'],
    ["nobody", [], '[message not sent: no agent "nobody"; there are agent2, agent3]'],
    [
      "n".repeat(100_000),
      [],
      `[message not sent: no agent "${"n".repeat(80)}…"; there are agent2, agent3]`,
    ],
  ];
  test.each(CASES)("%s", async (to, recipients, note) => {
    const given = delivery();
    const { sent, notes } = await deliver([post(to, "text")], given);
    expect({ sent, notes }).toEqual({ sent: recipients.length, notes: [note] });
    const history = await given.mailbox.history();
    expect(history.map(({ recipient }) => recipient)).toEqual(recipients);
    for (const message of history)
      expect(message).toMatchObject({ sender: "agent1", content: "text", sent_step: 4 });
  });
});

describe("to those who have finished", () => {
  const CASES: [to: string, finished: string[], note: string][] = [
    ["agent2", [], "[message sent to agent2]"],
    ["agent2", ["agent3"], "[message sent to agent2]"],
    [
      "agent2",
      ["agent2"],
      "[message sent to agent2, but agent2 has finished and will not read it]",
    ],
    ["all", ["agent3"], "[message sent to all, but agent3 has finished and will not read it]"],
    [
      "all",
      ["agent3", "agent2"],
      "[message sent to all, but agent2 and agent3 have finished and will not read it]",
    ],
  ];
  test.each(CASES)("%s, %p", async (to, finished, note) => {
    const given = delivery();
    for (const id of finished) await given.mailbox.finish(id);
    const { sent, notes } = await deliver([post(to, "text")], given);
    expect(notes).toEqual([note]);
    expect(await given.mailbox.history()).toHaveLength(sent);
  });
});

describe("waiting", () => {
  test("ends with the one who was asked, though others are at work", async () => {
    const given = delivery();
    await given.mailbox.finish("agent3");
    const { notes } = await deliver([post("agent3", "q?", true)], given);
    expect(notes.at(-1)).toBe("[no answer: agent3 has finished]");
  });
  test("of several messages lasts no longer than the agent's own time, all together", async () => {
    const asked: number[] = [];
    const mailbox = memoryMailbox(IDS);
    const given = delivery({
      left_ms: 100,
      mailbox: {
        ...mailbox,
        async wait(agent_id, options) {
          asked.push(options.timeout_ms);
          return await mailbox.wait(agent_id, options);
        },
      },
    });
    await deliver([post("agent2", "q?", true), post("agent2", "well?", true)], given);
    expect(asked[0]).toBeWithin(1, 101);
    expect(asked[1]).toBe(0);
  });
  test("for a minute at most", async () => {
    let asked = 0;
    const given = delivery({
      left_ms: 3_600_000,
      mailbox: {
        ...memoryMailbox(IDS),
        async wait(_, { timeout_ms }) {
          asked = timeout_ms;
          return "timeout";
        },
      },
    });
    const { notes } = await deliver([post("agent2", "q?", true)], given);
    expect(asked).toBe(60_000);
    expect(notes.at(-1)).toBe("[no answer within 60 s]");
  });
  test("is told of an answer that comes", async () => {
    const given = delivery();
    const waiting = deliver([post("agent2", "q?", true)], given);
    const answer = { sender: "agent2", recipient: "agent1", content: "a", sent_step: 1 };
    await given.mailbox.send(answer);
    expect((await waiting).notes).toEqual(["[message sent to agent2]", "[an answer has arrived]"]);
  });
  test("ends with the last partner", async () => {
    const given = delivery();
    for (const id of ["agent2", "agent3"]) await given.mailbox.finish(id);
    expect((await deliver([post("all", "q?", true)], given)).notes).toContain(
      "[no answer: agent2 and agent3 have finished]",
    );
  });
  test("ends with the only partner", async () => {
    const given = delivery();
    await given.mailbox.finish("agent2");
    const job = { ...given.job, partners: ["agent2"] };
    expect((await deliver([post("agent2", "q?", true)], { ...given, job })).notes.at(-1)).toBe(
      "[no answer: your partner has finished]",
    );
  });
  test("lasts no longer than the agent's own time", async () => {
    const given = delivery({ left_ms: 30 });
    expect((await deliver([post("agent2", "q?", true)], given)).notes).toContain(
      "[no answer within 0 s]",
    );
  });
  test("is not begun for a message that was not sent", async () => {
    expect((await deliver([post("nobody", "q?", true)], delivery())).notes).toHaveLength(1);
  });
  test("ends by an abort, whose reason is thrown", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    const given = delivery();
    const job = { ...given.job, signal };
    await expect(deliver([post("agent2", "q?", true)], { ...given, job })).rejects.toThrow(
      "stopped",
    );
  });
});
