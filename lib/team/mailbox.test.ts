// Owns the cases of the mailbox in this process: order, nothing lost, history, and the four ends of a wait.
import { describe, expect, test } from "bun:test";
import { type Draft, memoryMailbox } from "./mailbox.ts";

const IDS = ["agent1", "agent2", "agent3"];
const draft = (sender: string, recipient: string, content: string): Draft => ({
  sender,
  recipient,
  content,
  sent_step: 1,
});
const LONG = { timeout_ms: 60_000 };

describe("delivery", () => {
  test("is in order, to the one who is named, once", async () => {
    const mailbox = memoryMailbox(IDS);
    for (const content of ["a", "b", "c"]) await mailbox.send(draft("agent1", "agent2", content));
    await mailbox.send(draft("agent3", "agent2", "d"));
    await mailbox.send(draft("agent2", "agent1", "back"));
    expect((await mailbox.receive("agent2", 4)).map(({ content }) => content)).toEqual([..."abcd"]);
    expect(await mailbox.receive("agent2", 5)).toEqual([]);
    expect((await mailbox.receive("agent1", 1)).map(({ content }) => content)).toEqual(["back"]);
    expect(await mailbox.receive("agent3", 1)).toEqual([]);
  });

  test("loses nothing that was sent before the partner did anything, or after the sender finished", async () => {
    const mailbox = memoryMailbox(IDS);
    await mailbox.send(draft("agent1", "agent2", "early"));
    await mailbox.finish("agent1");
    expect(await mailbox.receive("agent2", 1)).toHaveLength(1);
  });

  test("keeps any text", async () => {
    const mailbox = memoryMailbox(IDS);
    const content = 'two\nlines, "quotes", $HOME, `ticks`, ünïcödé, \u{1f600}, \0';
    await mailbox.send(draft("agent1", "agent2", content));
    expect((await mailbox.receive("agent2", 1))[0]?.content).toBe(content);
  });

  test("leaves a history with the times and steps of sending and reading", async () => {
    const mailbox = memoryMailbox(IDS);
    await mailbox.send({ ...draft("agent1", "agent2", "read"), sent_step: 3 });
    await mailbox.receive("agent2", 7);
    await mailbox.send(draft("agent2", "agent1", "unread"));
    const [read, unread] = await mailbox.history();
    expect(read).toMatchObject({ seq: 1, sent_step: 3, read_step: 7 });
    expect(Date.parse(read?.read_at ?? "")).toBeGreaterThanOrEqual(
      Date.parse(read?.sent_at ?? "x"),
    );
    expect(unread).toMatchObject({ seq: 2, read_at: null, read_step: null });
  });
});

describe("a wait ends", () => {
  test("at once by a message that is unread already", async () => {
    const mailbox = memoryMailbox(IDS);
    await mailbox.send(draft("agent1", "agent2", "here"));
    expect(await mailbox.wait("agent2", LONG)).toBe("message");
  });

  test("not by a message that was read, but by the next one", async () => {
    const mailbox = memoryMailbox(IDS);
    await mailbox.send(draft("agent1", "agent2", "old"));
    await mailbox.receive("agent2", 1);
    expect(await mailbox.wait("agent2", { timeout_ms: 20 })).toBe("timeout");
    const waiting = mailbox.wait("agent2", LONG);
    await mailbox.send(draft("agent3", "agent2", "new"));
    expect(await waiting).toBe("message");
  });

  test("not by messages to others", async () => {
    const mailbox = memoryMailbox(IDS);
    const waiting = mailbox.wait("agent2", { timeout_ms: 50 });
    await mailbox.send(draft("agent1", "agent3", "not yours"));
    await mailbox.send(draft("agent2", "agent1", "your own"));
    expect(await waiting).toBe("timeout");
  });

  test("when the last partner has finished, not before", async () => {
    const mailbox = memoryMailbox(IDS);
    const ends: string[] = [];
    const waiting = mailbox.wait("agent2", LONG).then((end) => ends.push(end));
    await mailbox.finish("agent1");
    await Bun.sleep(20);
    expect(ends).toEqual([]);
    await mailbox.finish("agent3");
    await waiting;
    expect(ends).toEqual(["partner finished"]);
    expect(await mailbox.wait("agent2", LONG)).toBe("partner finished");
  });

  test("by the message that a partner left before it finished", async () => {
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    await mailbox.send(draft("agent1", "agent2", "last words"));
    await mailbox.finish("agent1");
    expect(await mailbox.wait("agent2", LONG)).toBe("message");
  });

  test("by a timeout of no time", async () => {
    expect(await memoryMailbox(IDS).wait("agent1", { timeout_ms: 0 })).toBe("timeout");
  });

  test("by an abort, whose reason is thrown", async () => {
    const mailbox = memoryMailbox(IDS);
    const stop = new AbortController();
    const waiting = mailbox.wait("agent1", { ...LONG, signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    const fired = { ...LONG, signal: AbortSignal.abort(new Error("before")) };
    await expect(mailbox.wait("agent1", fired)).rejects.toThrow("before");
  });

  test("for both, when each asks the other and waits", async () => {
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    const ask = async (from: string, to: string) => {
      await mailbox.send(draft(from, to, "?"));
      return await mailbox.wait(from, LONG);
    };
    expect(await Promise.all([ask("agent1", "agent2"), ask("agent2", "agent1")])).toEqual([
      "message",
      "message",
    ]);
  });
});
