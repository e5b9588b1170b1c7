import { expect, test } from "bun:test";
import { describeWith } from "../core/testing.ts";
import type { Draft, Message } from "./mailbox.ts";
import { openMailroom } from "./mailroom.ts";
import { eventually, foreignClient, type TestServer, testServer } from "./redis.fixture.ts";

const TWO = ["agent1", "agent2"];
const to = (recipient: string, content: string): Draft => ({
  sender: recipient === "agent1" ? "agent2" : "agent1",
  recipient,
  content,
  sent_step: 1,
});
const contents = (messages: readonly Message[]) => messages.map(({ content }) => content);
const SLOW = 60_000;

async function opened(server: TestServer, gone_ms = 30_000) {
  await using stack = new AsyncDisposableStack();
  const room = stack.use(await openMailroom({ kind: "redis", url: server.url, gone_ms }));
  const mailbox = stack.use(await room.open({ attempt_key: "r/t/task1/f", agent_ids: TWO }));
  const held = stack.move();
  const { url = "", run_id = "" } = mailbox.access ?? {};
  const inbox = (agent: string) => `run:${run_id}:${agent}:inbox`;
  return { room, mailbox, url, run_id, inbox, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

describeWith("redis", "a server that is killed and comes back", () => {
  const SERVERS = [
    ["with all it had", true],
    ["with nothing", false],
  ] as const;

  test.each(SERVERS)(
    "%s: what was unread is there, in order; what was read is not",
    async (_, persistent) => {
      await using server = await testServer({ persistent });
      await using place = await opened(server);
      const { mailbox } = place;
      for (const content of ["read", "a", "b"]) {
        await mailbox.send(to("agent2", content));
        if (content === "read") await mailbox.receive("agent2", 1);
      }
      await mailbox.send(to("agent1", "other way"));
      await mailbox.finish("agent1");
      const before = structuredClone(await mailbox.history());
      await server.kill();
      const during = mailbox.send(to("agent2", "c"));
      const after = mailbox.send(to("agent2", "d"));
      await server.start();
      await Promise.all([during, after]);
      expect((await mailbox.history()).slice(0, 4)).toEqual([...before]);
      expect(await mailbox.finished()).toEqual(new Set(["agent1"]));
      expect(contents(await mailbox.receive("agent2", 2))).toEqual([..."abcd"]);
      expect(contents(await mailbox.receive("agent1", 2))).toEqual(["other way"]);
      expect(await mailbox.receive("agent2", 3)).toEqual([]);
    },
    SLOW,
  );

  test.each(SERVERS)(
    "%s: a wait goes on and ends by the message of afterwards",
    async (_, persistent) => {
      await using server = await testServer({ persistent });
      await using place = await opened(server);
      const waiting = place.mailbox.wait("agent2", { timeout_ms: SLOW });
      await server.kill();
      await server.start();
      await place.mailbox.send(to("agent2", "here"));
      expect(await waiting).toBe("message");
    },
    SLOW,
  );

  test.each(SERVERS)(
    "%s: other programs' user and messages are back without a move of ours",
    async (_, persistent) => {
      await using server = await testServer({ persistent });
      await using place = await opened(server);
      await place.mailbox.send(to("agent2", "kept"));
      await server.kill();
      await server.start();
      const login = () => foreignClient(place.url).catch(() => undefined);
      using client = await eventually(login, (found) => found !== undefined);
      const item = await eventually(
        async () => (await client?.lpop(place.inbox("agent2"))) ?? "",
        (found) => found !== "",
      );
      expect(JSON.parse(item)).toMatchObject({ content: "kept" });
      expect(contents(await place.mailbox.receive("agent2", 1))).toEqual([]);
    },
    SLOW,
  );

  test.each(SERVERS)(
    "%s, again and again under load: nothing is lost, doubled or moved",
    async (_, persistent) => {
      await using server = await testServer({ persistent });
      await using place = await opened(server);
      const { mailbox } = place;
      const wanted = Array.from({ length: 300 }, (_, index) => String(index));
      let sending = true;
      const writer = async () => {
        for (const content of wanted) {
          await mailbox.send(to("agent2", content));
          await Bun.sleep(2);
        }
        sending = false;
      };
      const read: string[] = [];
      const reader = async () => {
        while (read.length < wanted.length) {
          await mailbox.wait("agent2", { timeout_ms: SLOW });
          read.push(...contents(await mailbox.receive("agent2", 1)));
        }
      };
      const killer = async () => {
        while (sending) {
          await Bun.sleep(50 + Math.random() * 100);
          await server.kill();
          await server.start();
        }
      };
      await Promise.all([writer(), reader(), killer()]);
      expect(read).toEqual(wanted);
      expect(contents(await mailbox.history())).toEqual(wanted);
    },
    SLOW,
  );

  test(
    "with a part of what it had: it is taken forward again",
    async () => {
      await using server = await testServer();
      using admin = await foreignClient(server.url);
      await using place = await opened(server);
      const { mailbox, inbox, run_id } = place;
      for (const content of ["read", "unread"]) await mailbox.send(to("agent2", content));
      // The state of this moment, as a snapshot would have kept it.
      const names = await admin.keys(`run:${run_id}:*`);
      const snapshot = await Promise.all(names.map((name) => admin.dumpBuffer(name)));
      const [first] = await mailbox.receive("agent2", 1);
      await mailbox.send(to("agent2", "later"));
      await server.kill();
      await server.start();
      using restorer = await foreignClient(server.url);
      for (const [at, name] of names.entries())
        await restorer.call("RESTORE", name, 0, snapshot[at] ?? "", "REPLACE");
      await restorer.rpush(inbox("agent2"), "by another program");
      expect(first?.content).toBe("read");
      expect(contents(await mailbox.receive("agent2", 2))).toEqual(["later", "by another program"]);
    },
    SLOW,
  );

  test("emptied under us without an end, it is filled again", async () => {
    await using server = await testServer();
    using admin = await foreignClient(server.url);
    await using place = await opened(server);
    for (const content of ["a", "b"]) await place.mailbox.send(to("agent2", content));
    await admin.flushall();
    await place.mailbox.send(to("agent2", "c"));
    expect(contents(await place.mailbox.receive("agent2", 1))).toEqual([..."abc"]);
    expect(await place.mailbox.receive("agent2", 2)).toEqual([]);
  });

  test("hanging for a while, it loses and doubles nothing", async () => {
    await using server = await testServer();
    await using place = await opened(server);
    server.hang();
    const sends = ["a", "b"].map((content) => place.mailbox.send(to("agent2", content)));
    await Bun.sleep(300);
    server.resume();
    await Promise.all(sends);
    expect(contents(await place.mailbox.receive("agent2", 1))).toEqual(["a", "b"]);
  });
});

describeWith("redis", "a server that stays away", () => {
  test(
    "is a fault with a hint, for every call, and the end of the attempt is none",
    async () => {
      await using server = await testServer({ password: "sesame" });
      const place = await opened(server, 300);
      await server.kill();
      const { mailbox } = place;
      for (const call of [
        () => mailbox.send(to("agent2", "x")),
        () => mailbox.receive("agent1", 1),
        () => mailbox.wait("agent1", { timeout_ms: 100 }),
        () => mailbox.finish("agent1"),
        () => mailbox.history(),
      ]) {
        const error = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: "mailbox_gone",
          hint: expect.stringContaining("start"),
        });
        expect(String(error)).not.toContain("sesame");
      }
      await place[Symbol.asyncDispose]();
    },
    SLOW,
  );

  test(
    "is not waited for once the attempt is aborted",
    async () => {
      await using server = await testServer();
      await using room = await openMailroom({ kind: "redis", url: server.url, gone_ms: SLOW });
      const stop = new AbortController();
      const request = { attempt_key: "a", agent_ids: TWO, signal: stop.signal };
      const mailbox = await room.open(request);
      await server.kill();
      const sending = mailbox.send(to("agent2", "x"));
      stop.abort(new Error("stopped"));
      await expect(sending).rejects.toThrow("stopped");
      await mailbox[Symbol.asyncDispose]();
    },
    SLOW,
  );
});
