import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { UnitProgress } from "../../db/schema.ts";
import { sha256 } from "../core/files.ts";
import { describeWith } from "../core/testing.ts";
import { eventually, foreignClient, type TestServer, testServer } from "../team/redis.fixture.ts";
import { drainWorkers } from "./drain.ts";
import { jobId, keysOf, queueName } from "./keys.ts";
import { openLanes } from "./lane.ts";
import { type LostDelivery, post } from "./messages.ts";
import { costs, testQueue } from "./queue.fixture.ts";
import { ownTerms, termsTag } from "./terms.ts";
import type { SeenWorker } from "./workers.ts";

setDefaultTimeout(30_000);

test("names of queues and ids hold nothing that the server or the library refuses", () => {
  expect(queueName("my-study_1.2")).toBe("my-study_1.2");
  expect(queueName("a study: one")).toMatch(/^a_study_one-[0-9a-f]{8}$/);
  expect(queueName("x".repeat(200)).length).toBe(64);
  const id = jobId({ unit: "run 100%: a/b", claim: 3, driver: "d", sending: 7 });
  expect(id).toBe("run 100%25%3A a/b@3@d.7");
});

describeWith("redis", "a queue", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(async () => await server[Symbol.asyncDispose]());

  test("has an errand done elsewhere: input, bytes by hash, questions, result and its bytes", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    at.worker();
    const bytes = Buffer.from(" and more".repeat(2_000));
    const hash = sha256(bytes);
    const { output, blobs } = await driver.send(
      { text: "loud", more: hash, asks: [1, { two: 2 }] },
      { bytes: new Map([[hash, () => bytes]]) },
    );
    const loud = `LOUD${" AND MORE".repeat(2_000)}`;
    expect(output).toMatchObject({ text: loud, answers: ["echo 1", 'echo {"two":2}'] });
    const shouted = Buffer.from(await blobs.get(output.shouted)).toString();
    expect(shouted).toBe(loud.repeat(1_000));
    expect(driver.outstanding()).toBe(0);
  });

  test("throws the fault that the worker met, and its sender's reason when it is called back", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    at.worker();
    const failing = driver.send({ text: "a", throws: "it broke" });
    await expect(failing).rejects.toMatchObject({ code: "internal", message: "it broke" });
    const stop = new AbortController();
    const long = driver.send({ text: "b", ms: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 200);
    await expect(long).rejects.toThrow("enough");
    expect((await driver.send({ text: "c" })).output.text).toBe("C");
  });

  test("does a unit again under a next claim, and under the same one", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    at.worker();
    for (const claim of [1, 1, 2])
      expect((await driver.send({ text: `${claim}`, claim })).output.text).toBe(`${claim}`);
  });

  test("a lock that is lost cannot complete", async () => {
    await using at = testQueue(server.url);
    await at.driver();
    using client = await foreignClient(server.url);
    const open = await openLanes({ client, prefix: `tandem:${at.queue}`, lock_ms: 200 });
    const lane = open("lane", "");
    await lane.add("unit", { n: 1 });
    await lane.add("unit", { n: 2 });
    const first = await lane.take("a");
    expect(first?.data).toEqual({ n: 1 });
    expect(await lane.take("b")).toBeUndefined();
    await eventually(
      () => lane.putBack(),
      (back) => back === 1,
    );
    const second = await lane.take("b");
    expect(await lane.renew([{ id: "unit", token: "a" }])).toEqual(["unit"]);
    expect(await first?.complete({ of: "a" })).toBe(false);
    expect(await second?.complete({ of: "b" })).toBe(true);
    expect(JSON.parse((await lane.resultOf("unit")) ?? "")).toEqual({ of: "b" });
    expect(await lane.remove("unit")).toBe(true);
  });

  test("what a worker had cost that fell silent is lost, its unit another's, its questions are refused", async () => {
    await using at = testQueue(server.url, { silence_ms: 400 });
    const lost: LostDelivery[] = [];
    const driver = await at.driver({ on_lost: (one) => lost.push(one) });
    const deliveries: string[] = [];
    const progress: (UnitProgress["cost_usd"] | null)[] = [];
    const sent = driver.send(
      { text: "a", cost_usd: 0.25 },
      {
        on_delivery: ({ worker }) => deliveries.push(worker),
        on_progress: ({ cost_usd }) => progress.push(cost_usd),
      },
    );
    using client = await foreignClient(server.url);
    const keys = keysOf(at.queue, termsTag(ownTerms()));
    const open = await openLanes({ client, prefix: keys.prefix, lock_ms: 400 });
    const taken = await eventually(
      () => open(keys.lane(undefined), "").take("silent"),
      (job) => job !== undefined,
    );
    const [, , of = ""] = taken?.id.split("@") ?? [];
    const inbox = keys.inbox(of.split(".")[0] ?? "");
    const word = { job: taken?.id, token: "silent", worker: "w" };
    await post(client, inbox, { is: "said", ...word, progress: costs(0.5) });
    at.worker();
    expect((await sent).output.text).toBe("A");
    expect(deliveries[0]).toBe("w");
    expect([deliveries.length, progress]).toEqual([2, [0.5, 0.25]]);
    expect(lost.map(({ token, progress: { cost_usd } }) => [token, cost_usd])).toContainEqual([
      "silent",
      0.5,
    ]);
    expect(await taken?.complete({})).toBe(false);
  });

  test("waits for the driver's units in a server that forgot them", async () => {
    await using own = await testServer();
    await using at = testQueue(own.url);
    const driver = await at.driver();
    const sent = [1, 2, 3].map((n) => driver.send({ text: `n${n}`, unit: `u${n}` }));
    await own.kill();
    await own.start();
    at.worker();
    const texts = (await Promise.all(sent)).map(({ output }) => output.text);
    expect(texts).toEqual(["N1", "N2", "N3"]);
  });

  test("a worker of another version takes nothing, and says so, here and there", async () => {
    await using at = testQueue(server.url);
    let seen: readonly SeenWorker[] = [];
    const driver = await at.driver({ on_workers: (workers) => (seen = workers) });
    const sent = driver.send({ text: "a" });
    sent.catch(() => undefined);
    using client = await foreignClient(server.url);
    const key = `tandem:${at.queue}:settings`;
    const told = JSON.parse((await client.get(key)) ?? "");
    const other = { ...told, terms: { ...told.terms, eval_rules: 99 } };
    await client.set(key, JSON.stringify(other));
    await expect(at.worker().done).rejects.toThrow(
      /takes nothing of the queue .*rules of evaluation is here \d+, of the study 99/,
    );
    expect(driver.outstanding()).toBe(1);
    await eventually(
      async () => seen,
      (all) => all.some(({ state, note }) => state === "refused" && note?.includes("99") === true),
    );
  });

  test("is one ledger's: another is told to name its own; a worker that may mean several is told to name one", async () => {
    await using at = testQueue(server.url);
    await at.driver();
    await expect(at.driver({ ledger: "two" })).rejects.toThrow(
      /in use for another ledger.*--queue/,
    );
    await using other = testQueue(server.url);
    await other.driver();
    await expect(at.worker({ queue: undefined }).done).rejects.toThrow(
      /several queues.*name one with --queue/,
    );
  });

  test("a worker that is told to drain finishes what it has, and takes nothing more", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    const worker = at.worker({ slots: 1, name: "tired" });
    const first = driver.send({ text: "a", ms: 500, unit: "u1" });
    const took = () => worker.events.some(({ is }) => is === "took");
    await eventually(async () => took(), Boolean);
    const second = driver.send({ text: "b", unit: "u2" });
    await eventually(
      () => drainWorkers({ url: server.url, queue: at.queue, name: "tired" }),
      (told) => told.length === 1,
    );
    expect((await first).output.text).toBe("A");
    expect(await worker.done).toBe(1);
    at.worker();
    expect((await second).output.text).toBe("B");
  });

  test("a worker prefers units whose image it has", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    const order: string[] = [];
    const send = (text: string, image: string) =>
      driver.send({ text, image, unit: text }).then(() => order.push(text));
    const all = [send("far1", "x"), send("far2", "x"), send("near1", "y"), send("near2", "y")];
    await Bun.sleep(100);
    at.worker({ slots: 1, images: async () => ["y"] });
    await Promise.all(all);
    expect(order.slice(0, 2).toSorted()).toEqual(["near1", "near2"]);
  });

  test("a worker that ends gives its unit back at once", async () => {
    await using at = testQueue(server.url, { silence_ms: 60_000 });
    const driver = await at.driver();
    const first = at.worker();
    const sent = driver.send({ text: "a", ms: 300 });
    await eventually(async () => first.events.some(({ is }) => is === "took"), Boolean);
    first.stop();
    await first.done;
    at.worker();
    expect((await sent).output.text).toBe("A");
  });
});

describeWith("redis", "secrets", () => {
  const CANARY = "canary-7c1f0a5d-key";
  beforeAll(() => {
    process.env.CANARY_API_KEY = CANARY;
  });
  afterAll(() => {
    delete process.env.CANARY_API_KEY;
  });

  test("a canary is in nothing that the server is told", async () => {
    await using server = await testServer({ password: "letters-and-1234" });
    await using at = testQueue(server.url);
    using spy = await foreignClient(server.url);
    const told: string[] = [];
    const monitor = await spy.monitor();
    monitor.on("monitor", (_time: string, args: string[]) => told.push(JSON.stringify(args)));
    const driver = await at.driver();
    at.worker();
    const { output, blobs } = await driver.send(
      { text: `my key is ${CANARY}`, asks: [CANARY] },
      { answer: async () => `it is ${CANARY}` },
    );
    expect(output.text).toBe("MY KEY IS [REDACTED]");
    expect(output.answers).toEqual(["it is [redacted]"]);
    expect(Buffer.from(await blobs.get(output.shouted)).toString()).not.toContain(CANARY);
    const secret = sha256(CANARY);
    const bytes = new Map([[secret, () => Buffer.from(CANARY)]]);
    await expect(driver.send({ text: "a", more: secret }, { bytes })).rejects.toMatchObject({
      code: "bytes_missing",
      message: expect.stringContaining("hold a secret"),
    });
    await expect(driver.send({ text: "a", throws: CANARY })).rejects.toThrow("[redacted]");
    monitor.disconnect();
    expect(told.length).toBeGreaterThan(20);
    expect(told.filter((line) => line.includes(CANARY))).toEqual([]);
    expect(told.filter((line) => line.includes("letters-and-1234"))).toEqual([]);
  });

  test("a server's user may be confined to one queue: it works there, and sees nothing of another", async () => {
    await using server = await testServer();
    await using mine = testQueue(server.url, { queue: "mine" });
    await using other = testQueue(server.url, { queue: "other" });
    const driver = await mine.driver();
    await other.driver();
    using admin = await foreignClient(server.url);
    const rules = ["on", ">only-for-mine-1", "~tandem:mine:*", "resetchannels"];
    await admin.call(
      "ACL",
      "SETUSER",
      "worker",
      ...rules,
      "+@all",
      "-@admin",
      "-@dangerous",
      "+info",
    );
    const url = server.url.replace("redis://", "redis://worker:only-for-mine-1@");
    mine.worker({ url });
    expect((await driver.send({ text: "a" })).output.text).toBe("A");
    using confined = await foreignClient(url);
    const refused = confined.get("tandem:other:settings");
    await expect(refused).rejects.toThrow(/NOPERM/);
    await expect(mine.worker({ url, queue: "other" }).done).rejects.toThrow(
      /does not permit what is needed: NOPERM/,
    );
  });
});
