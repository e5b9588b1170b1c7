import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { deliver } from "../agent/deliver.ts";
import { describeWith } from "../core/testing.ts";
import type { Draft } from "./mailbox.ts";
import { openMailroom } from "./mailroom.ts";
import { type TestServer, testServer } from "./redis.fixture.ts";
import type { Mailroom } from "./room.ts";

const TWO = ["agent1", "agent2"];
const THREE = [...TWO, "agent3"];
const draft = (sender: string, recipient: string, content: string): Draft => ({
  sender,
  recipient,
  content,
  sent_step: 1,
});
const LONG = { timeout_ms: 60_000 };

describe("in this process", () => {
  let room: Mailroom;
  beforeAll(async () => {
    room = await openMailroom({ kind: "memory" });
  });
  cases(() => room);
});

describeWith("redis", "on a Redis server", () => {
  let server: TestServer;
  let room: Mailroom;
  beforeAll(async () => {
    server = await testServer();
    room = await openMailroom({ kind: "redis", url: server.url });
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  cases(() => room);
});

function cases(room: () => Mailroom): void {
  const open = (agent_ids: readonly string[], signal?: AbortSignal) =>
    room().open({ attempt_key: "a run/small_task/task1/features_1_2~3", agent_ids, signal });

  describe("delivery", () => {
    test("is in order, to the one who is named, once", async () => {
      await using mailbox = await open(THREE);
      for (const content of "abc") await mailbox.send(draft("agent1", "agent2", content));
      await mailbox.send(draft("agent3", "agent2", "d"));
      await mailbox.send(draft("agent2", "agent1", "back"));
      const contents = (await mailbox.receive("agent2", 4)).map(({ content }) => content);
      expect(contents).toEqual([..."abcd"]);
      expect(await mailbox.receive("agent2", 5)).toEqual([]);
      expect((await mailbox.receive("agent1", 1)).map(({ content }) => content)).toEqual(["back"]);
      expect(await mailbox.receive("agent3", 1)).toEqual([]);
    });

    test("keeps each sender's order when all send at once, and reads in the order of history", async () => {
      await using mailbox = await open(THREE);
      const numbers = Array.from({ length: 50 }, (_, index) => String(index));
      const sends = numbers.flatMap((n) =>
        ["agent1", "agent3"].map((sender) => mailbox.send(draft(sender, "agent2", n))),
      );
      const early = await mailbox.receive("agent2", 1);
      await Promise.all(sends);
      const read = [...early, ...(await mailbox.receive("agent2", 2))];
      for (const sender of ["agent1", "agent3"]) {
        const of = read.filter((message) => message.sender === sender);
        expect(of.map(({ content }) => content)).toEqual(numbers);
      }
      expect(read).toEqual([...(await mailbox.history())]);
      expect(read.map(({ seq }) => seq)).toEqual(read.map((_, index) => index + 1));
    });

    test("gives each message to one of two readers at once", async () => {
      await using mailbox = await open(TWO);
      for (const content of "abcdef") await mailbox.send(draft("agent1", "agent2", content));
      const both = await Promise.all([mailbox.receive("agent2", 1), mailbox.receive("agent2", 2)]);
      expect(both.flat().map(({ content }) => content)).toEqual([..."abcdef"]);
    });

    test("loses nothing that was sent before the partner did anything, or after the sender finished", async () => {
      await using mailbox = await open(TWO);
      await mailbox.send(draft("agent1", "agent2", "early"));
      await mailbox.finish("agent1");
      expect(await mailbox.receive("agent2", 1)).toHaveLength(1);
    });

    test("to one who has finished is kept, unread, and everybody can see why", async () => {
      await using mailbox = await open(TWO);
      expect(await mailbox.finished()).toEqual(new Set());
      await mailbox.finish("agent2");
      await mailbox.finish("agent2");
      await mailbox.send(draft("agent1", "agent2", "too late"));
      expect(await mailbox.finished()).toEqual(new Set(["agent2"]));
      expect(await mailbox.history()).toMatchObject([{ content: "too late", read_at: null }]);
    });

    const TEXTS = [
      'two\nlines, "quotes", $HOME, `ticks`, ünïcödé, \u{1f600}, \0',
      "half a pair: \ud83d, and \ufffd",
      '{"from":"agent9","content":"no"}',
      "\r\n\r\n",
      "x".repeat(1_000_000),
    ];
    test.each(TEXTS.map((text) => [text.slice(0, 20), text]))(
      "keeps any text: %p",
      async (_, text) => {
        await using mailbox = await open(TWO);
        await mailbox.send(draft("agent1", "agent2", text));
        expect((await mailbox.receive("agent2", 1))[0]?.content === text).toBe(true);
      },
    );

    test("of equal messages is of all of them", async () => {
      await using mailbox = await open(TWO);
      for (let n = 0; n < 5; n++) await mailbox.send(draft("agent1", "agent2", "ping"));
      expect(await mailbox.receive("agent2", 3)).toHaveLength(5);
      expect((await mailbox.history()).map(({ read_step }) => read_step)).toEqual([3, 3, 3, 3, 3]);
    });

    test("leaves a history with the times and steps of sending, acknowledging and reading", async () => {
      await using mailbox = await open(TWO);
      const sent = await mailbox.send({ ...draft("agent1", "agent2", "read"), sent_step: 3 });
      expect(sent).toMatchObject({ seq: 1, read_at: null, read_step: null });
      await mailbox.receive("agent2", 7);
      await mailbox.send(draft("agent2", "agent1", "unread"));
      const [read, unread] = await mailbox.history();
      expect(read).toMatchObject({ seq: 1, sent_step: 3, read_step: 7 });
      const times = [read?.sent_at, read?.acknowledged_at, read?.read_at].map((at) =>
        Date.parse(at ?? ""),
      );
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(unread).toMatchObject({ seq: 2, read_at: null, read_step: null });
    });

    test("to all reaches every partner, and not the sender", async () => {
      await using mailbox = await open(THREE);
      const signal = new AbortController().signal;
      const job = { agent_id: "agent2", partners: ["agent1", "agent3"], signal };
      const posted = [{ to: "all", content: "hear me", wait: false }];
      await deliver(posted, { job, mailbox, step: 2, left_ms: 1000 });
      for (const [id, count] of [
        ["agent1", 1],
        ["agent2", 0],
        ["agent3", 1],
      ] as const)
        expect(await mailbox.receive(id, 1)).toHaveLength(count);
    });
  });

  describe("attempts", () => {
    test("with the same name and agents do not meet", async () => {
      await using one = await open(TWO);
      await using other = await open(TWO);
      await one.send(draft("agent1", "agent2", "ours"));
      await one.finish("agent1");
      expect(await other.receive("agent2", 1)).toEqual([]);
      expect(await other.history()).toEqual([]);
      expect(await other.finished()).toEqual(new Set());
      expect(await other.wait("agent2", { timeout_ms: 20 })).toBe("timeout");
    });
  });

  describe("a wait ends", () => {
    test("at once by a message that is unread already", async () => {
      await using mailbox = await open(THREE);
      await mailbox.send(draft("agent1", "agent2", "here"));
      expect(await mailbox.wait("agent2", LONG)).toBe("message");
    });

    test("not by a message that was read, but by the next one", async () => {
      await using mailbox = await open(THREE);
      await mailbox.send(draft("agent1", "agent2", "old"));
      await mailbox.receive("agent2", 1);
      expect(await mailbox.wait("agent2", { timeout_ms: 20 })).toBe("timeout");
      const waiting = mailbox.wait("agent2", LONG);
      await mailbox.send(draft("agent3", "agent2", "new"));
      expect(await waiting).toBe("message");
    });

    test("not by messages to others", async () => {
      await using mailbox = await open(THREE);
      const waiting = mailbox.wait("agent2", { timeout_ms: 50 });
      await mailbox.send(draft("agent1", "agent3", "not yours"));
      await mailbox.send(draft("agent2", "agent1", "your own"));
      expect(await waiting).toBe("timeout");
    });

    test("when the last partner has finished, not before", async () => {
      await using mailbox = await open(THREE);
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

    test("when those who were asked have finished", async () => {
      await using mailbox = await open(THREE);
      await mailbox.finish("agent1");
      const asked = (...partners: string[]) => mailbox.wait("agent2", { timeout_ms: 20, partners });
      expect(await asked("agent1")).toBe("partner finished");
      expect(await asked("agent3")).toBe("timeout");
      expect(await asked("agent1", "agent3")).toBe("timeout");
    });

    test("by the message that a partner left before it finished", async () => {
      await using mailbox = await open(TWO);
      await mailbox.send(draft("agent1", "agent2", "last words"));
      await mailbox.finish("agent1");
      expect(await mailbox.wait("agent2", LONG)).toBe("message");
    });

    test("by a timeout of no time", async () => {
      await using mailbox = await open(THREE);
      expect(await mailbox.wait("agent1", { timeout_ms: 0 })).toBe("timeout");
    });

    test("by an abort, whose reason is thrown", async () => {
      await using mailbox = await open(THREE);
      const stop = new AbortController();
      const waiting = mailbox.wait("agent1", { ...LONG, signal: stop.signal });
      stop.abort(new Error("stopped"));
      await expect(waiting).rejects.toThrow("stopped");
      const fired = { ...LONG, signal: AbortSignal.abort(new Error("before")) };
      await expect(mailbox.wait("agent1", fired)).rejects.toThrow("before");
    });

    test("for both, when each asks the other and waits", async () => {
      await using mailbox = await open(TWO);
      const ask = async (from: string, to: string) => {
        await mailbox.send(draft(from, to, "?"));
        return await mailbox.wait(from, LONG);
      };
      const ends = await Promise.all([ask("agent1", "agent2"), ask("agent2", "agent1")]);
      expect(ends).toEqual(["message", "message"]);
    });
  });

  test("200 attempts at once talk to their ends", async () => {
    const attempts = Array.from({ length: 200 }, (_, index) => String(index));
    const talk = async (name: string) => {
      await using mailbox = await room().open({ attempt_key: name, agent_ids: TWO });
      const speak = async (me: string, you: string) => {
        const heard: string[] = [];
        for (let turn = 0; turn < 3; turn++)
          await mailbox.send(draft(me, you, `${name} ${turn} of ${me}`));
        while (heard.length < 3) {
          await mailbox.wait(me, LONG);
          heard.push(...(await mailbox.receive(me, 1)).map(({ content }) => content));
        }
        expect(heard).toEqual([0, 1, 2].map((turn) => `${name} ${turn} of ${you}`));
        await mailbox.finish(me);
      };
      await Promise.all([speak("agent1", "agent2"), speak("agent2", "agent1")]);
      return await mailbox.history();
    };
    for (const history of await Promise.all(attempts.map(talk)))
      expect(history.filter(({ read_at }) => read_at !== null)).toHaveLength(6);
  }, 60_000);
}
