import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeWith } from "../core/testing.ts";
import type { Draft, Message } from "./mailbox.ts";
import { openMailroom } from "./mailroom.ts";
import { eventually, foreignClient, type TestServer, testServer } from "./redis.fixture.ts";
import type { Mailroom, OpenMailbox } from "./room.ts";

const TWO = ["agent1", "agent2"];
const TO_2 = ["agent1", "agent2"] as const;
const KEY = "my-run/small_task/task1/features_1_2~2";
const draft = (sender: string, recipient: string, content: string): Draft => ({
  sender,
  recipient,
  content,
  sent_step: 4,
});
const contents = (messages: readonly Message[]) => messages.map(({ content }) => content);

/** What a program in an attempt's sandbox is given. */
function accessOf(mailbox: OpenMailbox) {
  if (mailbox.access === undefined) throw new Error("a mailbox on Redis has an access");
  const { run_id, url } = mailbox.access;
  return { run_id, url, inbox: (agent: string) => `run:${run_id}:${agent}:inbox` };
}

describeWith("redis", "a mailbox on Redis", () => {
  let server: TestServer;
  let room: Mailroom;
  beforeAll(async () => {
    server = await testServer({ password: "sesame" });
    room = await openMailroom({ kind: "redis", url: server.url });
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const open = (agent_ids = TWO) => room.open({ attempt_key: KEY, agent_ids });

  test("gives the existing system's clients its lists to read", async () => {
    await using mailbox = await open();
    const { url, run_id, inbox } = accessOf(mailbox);
    using client = await foreignClient(url);
    expect(run_id).toMatch(/^my-run-small_task-task1-features_1_2-2-[0-9a-f]{8}$/);
    for (const content of ["first ☃", "second"]) await mailbox.send(draft(...TO_2, content));
    const item: unknown = JSON.parse((await client.lpop(inbox("agent2"))) ?? "");
    expect(item).toEqual({
      from: "agent1",
      to: "agent2",
      content: "first ☃",
      timestamp: expect.any(Number),
    });
    expect(contents(await mailbox.receive("agent2", 1))).toEqual(["second"]);
    const [first] = await mailbox.history();
    expect(Object(item).timestamp).toBe(Date.parse(first?.sent_at ?? "") / 1000);
    expect(first).toMatchObject({ seq: 1, content: "first ☃", read_step: null });
    expect(first?.read_at).not.toBeNull();
  });

  const AT = 1_700_000_000.25;
  const PUSHED: [item: string | Buffer, expected: Partial<Message>][] = [
    [
      JSON.stringify({ from: "agent2", to: "agent1", content: "hi", timestamp: AT }),
      { sender: "agent2", content: "hi", sent_at: new Date(AT * 1000).toISOString() },
    ],
    [
      JSON.stringify({
        from: "agent2",
        to: "agent1",
        content: "hi",
        timestamp: "2024-05-06T07:08:09Z",
      }),
      { sender: "agent2", content: "hi", sent_at: "2024-05-06T07:08:09.000Z" },
    ],
    [JSON.stringify({ from: 7, content: "x", timestamp: {} }), { sender: "unknown", content: "x" }],
    [JSON.stringify({ content: "x", timestamp: 1e300, more: [] }), { content: "x" }],
    ["no JSON at all", { sender: "unknown", content: "no JSON at all" }],
    [JSON.stringify(["a", "list"]), { content: '["a","list"]' }],
    ["", { content: "" }],
    [Buffer.from([0x68, 0x69, 0xff, 0x00, 0x21]), { content: "hi\ufffd\0!" }],
  ];
  test.each(PUSHED)("takes in what another program pushes: %p", async (item, expected) => {
    await using mailbox = await open();
    const { url, inbox } = accessOf(mailbox);
    using client = await foreignClient(url);
    await mailbox.send(draft("agent2", "agent1", "ours"));
    const waiting = mailbox.wait("agent2", { timeout_ms: 60_000 });
    await client.rpush(inbox("agent1"), item);
    await client.rpush(inbox("agent2"), "wake up");
    expect(await waiting).toBe("message");
    const [ours, theirs] = await mailbox.receive("agent1", 5);
    expect(ours).toMatchObject({ content: "ours", sent_step: 4, read_step: 5 });
    expect(theirs).toMatchObject({
      ...{ recipient: "agent1", sent_step: 0, read_step: 5 },
      ...expected,
    });
    const history = await mailbox.history();
    expect(history.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(history[2]).toMatchObject({ recipient: "agent2", content: "wake up", read_at: null });
    expect(await mailbox.history()).toEqual(history);
  });

  test("takes in equal pushes as often as they were pushed", async () => {
    await using mailbox = await open();
    const { url, inbox } = accessOf(mailbox);
    using client = await foreignClient(url);
    await client.rpush(inbox("agent1"), "ping", "ping");
    expect(await mailbox.history()).toHaveLength(2);
    await client.rpush(inbox("agent1"), "ping");
    expect(await mailbox.receive("agent1", 1)).toHaveLength(3);
    await client.rpush(inbox("agent1"), "ping");
    expect(await mailbox.receive("agent1", 2)).toHaveLength(1);
    expect(await mailbox.history()).toHaveLength(4);
  });

  test("wakes and ends waits for programs that know the bell and the finished set", async () => {
    await using mailbox = await open();
    const { url, run_id } = accessOf(mailbox);
    using client = await foreignClient(url);
    const waiting = mailbox.wait("agent1", { timeout_ms: 60_000 });
    await client.sadd(`run:${run_id}:finished`, "agent2");
    await client.publish(`run:${run_id}:bell`, "agent2");
    expect(await waiting).toBe("partner finished");
  });

  test("keeps its history on the server too", async () => {
    await using mailbox = await open();
    const { run_id } = accessOf(mailbox);
    using admin = await foreignClient(server.url);
    const kept = async () =>
      Object.values(await admin.hgetall(`run:${run_id}:history`)).map((text) => JSON.parse(text));
    await mailbox.send(draft(...TO_2, "one"));
    expect(await kept()).toMatchObject([{ seq: 1, content: "one", read_at: null }]);
    await mailbox.receive("agent2", 6);
    expect(await kept()).toEqual([...(await mailbox.history())]);
    expect(await kept()).toMatchObject([{ read_step: 6 }]);
  });

  test("lets an attempt's user reach nothing but the attempt", async () => {
    await using mine = await open();
    await using theirs = await open();
    await theirs.send(draft(...TO_2, "secret"));
    using client = await foreignClient(accessOf(mine).url);
    const other = accessOf(theirs);
    const forbidden: [command: string, ...args: string[]][] = [
      ["LRANGE", other.inbox("agent2"), "0", "-1"],
      ["LPOP", other.inbox("agent2")],
      ["RPUSH", other.inbox("agent2"), "forged"],
      ["DEL", `run:${other.run_id}:history`],
      ["SUBSCRIBE", `run:${other.run_id}:bell`],
      ["PUBLISH", `run:${other.run_id}:bell`, "x"],
      ["KEYS", "*"],
      ["SCAN", "0"],
      ["FLUSHALL"],
      ["CONFIG", "GET", "*"],
      ["ACL", "LIST"],
      ["EVAL", "return redis.call('KEYS', '*')", "0"],
      ["MONITOR"],
      ["SHUTDOWN"],
    ];
    for (const [command, ...args] of forbidden)
      await expect(client.call(command, ...args)).rejects.toThrow("NOPERM");
    expect(contents(await theirs.receive("agent2", 1))).toEqual(["secret"]);
  });

  test("leaves no key, user or channel behind, and keys that expire when it is killed", async () => {
    using admin = await foreignClient(server.url);
    const mailbox = await open();
    const { run_id, url } = accessOf(mailbox);
    await mailbox.send(draft(...TO_2, "one"));
    await mailbox.receive("agent2", 1);
    await mailbox.send(draft(...TO_2, "two"));
    await mailbox.finish("agent1");
    const keys = await admin.keys(`run:${run_id}:*`);
    expect(keys.length).toBeGreaterThanOrEqual(4);
    for (const key of keys) expect(await admin.ttl(key)).toBeWithin(80_000, 86_401);
    await mailbox[Symbol.asyncDispose]();
    expect(await admin.keys(`run:${run_id}:*`)).toEqual([]);
    expect(await admin.call("ACL", "USERS")).not.toContain(`tandem:${run_id}`);
    expect(await admin.pubsub("CHANNELS", `run:${run_id}:*`)).toEqual([]);
    await expect(foreignClient(url)).rejects.toThrow();
  });

  test("removes users of killed processes once their keys have expired", async () => {
    using admin = await foreignClient(server.url);
    await admin.call("ACL", "SETUSER", "tandem:long-gone-12345678", "on", ">x");
    await using mailbox = await open();
    await using _other = await openMailroom({ kind: "redis", url: server.url });
    const users = await admin.call("ACL", "USERS");
    expect(users).not.toContain("tandem:long-gone-12345678");
    expect(users).toContain(`tandem:${accessOf(mailbox).run_id}`);
  });

  test("holds no connection of its own", async () => {
    using admin = await foreignClient(server.url);
    const ours = async () =>
      String(await admin.client("LIST"))
        .split("\n")
        .filter((line) => line.includes("name=tandem"));
    expect(await eventually(ours, (found) => found.length === 1)).toHaveLength(1);
    const mailboxes = await Promise.all(Array.from({ length: 200 }, () => open()));
    const waits = mailboxes.map((mailbox) => mailbox.wait("agent1", { timeout_ms: 60_000 }));
    expect(await ours()).toHaveLength(1);
    await Promise.all(mailboxes.map((mailbox) => mailbox.finish("agent2")));
    expect(new Set(await Promise.all(waits))).toEqual(new Set(["partner finished"]));
    await Promise.all(mailboxes.map((mailbox) => mailbox[Symbol.asyncDispose]()));
  }, 60_000);
});

describeWith("redis", "where users cannot be made", () => {
  test("attempts are separated by names, and the description says so", async () => {
    const limited = "user plain on >word ~* &* +@all -acl";
    await using server = await testServer({ lines: [limited] });
    const url = server.url.replace("redis://", "redis://plain:word@");
    await using room = await openMailroom({ kind: "redis", url });
    expect(room.description).toContain("by names only");
    expect(room.description).not.toContain("word");
    await using mailbox = await room.open({ attempt_key: KEY, agent_ids: TWO });
    const { inbox } = accessOf(mailbox);
    using client = await foreignClient(accessOf(mailbox).url);
    await mailbox.send(draft(...TO_2, "plain"));
    expect(await client.llen(inbox("agent2"))).toBe(1);
  });

  test("and a server that asks nobody for a password is told of", async () => {
    await using server = await testServer();
    await using room = await openMailroom({ kind: "redis", url: server.url });
    expect(room.description).toContain("lets anyone in");
    await using locked = await testServer({ password: "x" });
    await using other = await openMailroom({ kind: "redis", url: locked.url });
    expect(other.description).toEndWith("one user per attempt");
  });
});
