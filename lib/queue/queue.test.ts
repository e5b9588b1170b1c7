import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { sha256 } from "../core/files.ts";
import { describeWith } from "../core/testing.ts";
import { type TestServer, testServer } from "../team/redis.fixture.ts";
import { shout, testQueue } from "./queue.fixture.ts";

setDefaultTimeout(30_000);

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
    const bytes = Buffer.from(" and more");
    const hash = sha256(bytes);
    const { output, blobs } = await driver.send(
      { text: "loud", more: hash, asks: [1, { two: 2 }] },
      { bytes: new Map([[hash, () => bytes]]) },
    );
    expect(output).toMatchObject({ text: "LOUD AND MORE", answers: ["echo 1", 'echo {"two":2}'] });
    const shouted = Buffer.from(await blobs.get(output.shouted)).toString();
    expect(shouted).toBe("LOUD AND MORE".repeat(1_000));
    expect(driver.outstanding()).toBe(0);
  });

  test("throws the fault that the worker met", async () => {
    await using at = testQueue(server.url);
    const driver = await at.driver();
    at.worker();
    const failing = driver.send({ text: "a", throws: "it broke" });
    await expect(failing).rejects.toMatchObject({ code: "internal", message: "it broke" });
    expect(shout.kind).toBe("shout");
  });
});
