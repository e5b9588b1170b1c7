import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { describeWith, temporaryFolder } from "../core/testing.ts";
import { foreignClient, type TestServer, testServer } from "../team/redis.fixture.ts";
import { openBucket } from "./bucket.ts";
import { openByteCache } from "./byte-cache.ts";
import { openFreight, verified } from "./freight.ts";

/** Objects by path, as a server of S3's protocol keeps them. */
function storeServer() {
  const objects = new Map<string, Uint8Array>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (request.method === "PUT") objects.set(pathname, await request.bytes());
      if (request.method === "DELETE") objects.delete(pathname);
      const found = objects.get(pathname);
      if (request.method === "DELETE") return new Response(null, { status: 204 });
      if (found === undefined) return new Response("", { status: 404 });
      if (request.method === "PUT") return new Response("", { headers: { etag: '"1"' } });
      return new Response(request.method === "HEAD" ? null : Buffer.from(found), {
        headers: { "content-length": `${found.byteLength}`, etag: '"1"' },
      });
    },
  });
  return { objects, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

describeWith("redis", "bytes on their way", () => {
  const store = storeServer();
  const variables = {
    S3_ENDPOINT: store.url,
    S3_ACCESS_KEY_ID: "id",
    S3_SECRET_ACCESS_KEY: "a-secret-of-the-store",
  };
  let server: TestServer;
  beforeAll(async () => {
    Object.assign(process.env, variables);
    server = await testServer();
  });
  afterAll(async () => {
    for (const name of Object.keys(variables)) delete process.env[name];
    await server[Symbol.asyncDispose]();
    await store.stop();
  });

  test("go compressed through Redis, and are gone once they are dropped", async () => {
    using client = await foreignClient(server.url);
    const freight = openFreight(client, null);
    const bytes = Buffer.from("again and ".repeat(100_000));
    await freight.put("k:one", bytes);
    expect(await client.strlen("k:one")).toBeLessThan(bytes.byteLength / 100);
    expect(await client.ttl("k:one")).toBeGreaterThan(3_000);
    expect(Buffer.from((await freight.get("k:one")) ?? []).equals(bytes)).toBe(true);
    await freight.drop("k:one");
    expect(await freight.get("k:one")).toBeUndefined();
  });

  test("that are large need a store, and go through it where there is one", async () => {
    using client = await foreignClient(server.url);
    const large = randomBytes(33 * 1024 ** 2);
    const refused = openFreight(client, null).put("k:large", large);
    await expect(refused).rejects.toMatchObject({
      code: "result_too_large",
      hint: expect.stringContaining("--artifacts"),
    });
    const freight = openFreight(client, "s3://bucket/some/prefix/");
    await freight.put("k:large", large);
    expect(await client.exists("k:large")).toBe(0);
    expect([...store.objects.keys()]).toEqual(["/bucket/some/prefix/k/large"]);
    const back = (await freight.get("k:large")) ?? new Uint8Array();
    expect(sha256(back)).toBe(sha256(large));
    await freight.drop("k:large");
    expect(store.objects.size).toBe(0);
    await freight.put("k:small", Buffer.from("small"));
    expect(store.objects.size).toBe(0);
  });

  test.each(["bucket", "s3://", "https://bucket/x"])("%s is not the address of a store", (text) => {
    expect(() => openBucket(text)).toThrow(UsageError);
  });
});

test("bytes that have changed or are gone are a fault", () => {
  const bytes = Buffer.from("a");
  expect(verified(sha256(bytes), bytes)).toBe(bytes);
  expect(() => verified(sha256("b"), bytes)).toThrow(/have changed on their way/);
  expect(() => verified(sha256("b"), undefined)).toThrow(/are gone/);
});

test("fetched bytes are kept, each fetched once, and the oldest go when there are too many", async () => {
  using folder = temporaryFolder();
  const cache = openByteCache(folder.path, 25);
  let fetched = 0;
  const get = (hash: string) =>
    cache.get(hash, async () => {
      fetched++;
      return Buffer.from(hash.repeat(10));
    });
  await Promise.all([get("a"), get("a"), get("b")]);
  expect(fetched).toBe(2);
  await get("c");
  await get("b");
  expect(fetched).toBe(3);
  expect(Buffer.from(await get("a")).toString()).toBe("aaaaaaaaaa");
  expect(fetched).toBe(4);
});
