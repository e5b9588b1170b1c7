import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import { type Cache, cacheKey, openCache } from "./cache.ts";
import { never } from "./gateway.fixture.ts";
import { NO_USAGE } from "./model.ts";
import type { Answered } from "./recording.ts";

const KEY = "ab".repeat(32);
const answeredWith = (text: string): Answered => ({
  answer: { text, tool_calls: [], stop_reason: "stop", opaque: { s: "ü" } },
  usage: { ...NO_USAGE, output_tokens: 3 },
  cost_usd: 0.5,
  latency_ms: 9,
  retries: 2,
  source: "provider",
  response_model: "some",
});

function place() {
  const folder = temporaryFolder();
  const damaged: string[] = [];
  const open = () => openCache(folder.path, (path) => damaged.push(path));
  const file = join(folder.path, "ab", `${KEY}.json.zst`);
  return { open, file, damaged, path: folder.path, [Symbol.dispose]: folder[Symbol.dispose] };
}
const through = (cache: Cache, text: string, key = KEY) =>
  cache.through({ key, signal: never, ask: async () => answeredWith(text) });

test("an answer is kept over the end of a process, whole", async () => {
  using at = place();
  expect(await through(at.open(), "one")).toEqual({ answered: answeredWith("one"), hit: false });
  expect(await through(at.open(), "two")).toEqual({ answered: answeredWith("one"), hit: true });
  expect(readdirSync(at.path, { recursive: true }).sort()).toEqual(["ab", `ab/${KEY}.json.zst`]);
});

test("another key is another answer", async () => {
  using at = place();
  const cache = at.open();
  await through(cache, "one");
  expect(await through(cache, "two", "cd".repeat(32))).toMatchObject({ hit: false });
});

describe("a damaged file is a miss, is told, and is replaced", () => {
  const packed = (value: unknown) => Bun.zstdCompressSync(JSON.stringify(value));
  const DAMAGE: [name: string, damage: (bytes: Buffer) => Uint8Array][] = [
    ["empty", () => Buffer.alloc(0)],
    ["cut off", (bytes) => bytes.subarray(0, bytes.length - 9)],
    ["no zstd", () => Buffer.from("hello")],
    ["no JSON", () => Bun.zstdCompressSync("{")],
    ["no answer", () => packed({ key: KEY })],
    ["of another key", () => packed({ ...answeredWith("other"), key: "cd".repeat(32) })],
  ];
  test.each(DAMAGE)("%s", async (_, damage) => {
    using at = place();
    const cache = at.open();
    await through(cache, "one");
    writeFileSync(at.file, damage(readFileSync(at.file)));
    expect(await through(cache, "two")).toMatchObject({ hit: false });
    expect(at.damaged).toEqual([at.file]);
    expect(await through(cache, "three")).toEqual({ answered: answeredWith("two"), hit: true });
  });
});

test("a file that cannot be read for another reason is no miss", async () => {
  using at = place();
  await through(at.open(), "one");
  const inTheWay = openCache(at.file, () => undefined);
  await expect(through(inTheWay, "two")).rejects.toMatchObject({ code: "ENOTDIR" });
});

describe("callers who ask the same at once", () => {
  test("are one question", async () => {
    using at = place();
    const cache = at.open();
    let asked = 0;
    const ask = async () => {
      await Bun.sleep(1);
      return answeredWith(`answer ${++asked}`);
    };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => cache.through({ key: KEY, signal: never, ask })),
    );
    expect(asked).toBe(1);
    expect(all.filter(({ hit }) => hit)).toHaveLength(19);
    expect(new Set(all.map(({ answered }) => answered.answer.text))).toEqual(new Set(["answer 1"]));
  });

  test("do not share a failure: the next of them asks", async () => {
    using at = place();
    const cache = at.open();
    let asked = 0;
    const ask = async () => {
      await Bun.sleep(1);
      if (++asked === 1) throw new Error("down");
      return answeredWith("late");
    };
    const [first, second, third] = await Promise.allSettled(
      [1, 2, 3].map(() => cache.through({ key: KEY, signal: never, ask })),
    );
    expect(first).toMatchObject({ status: "rejected", reason: { message: "down" } });
    expect(second).toMatchObject({ value: { hit: false, answered: answeredWith("late") } });
    expect(third).toMatchObject({ value: { hit: true } });
    expect(asked).toBe(2);
  });

  test("may give up on their own", async () => {
    using at = place();
    const cache = at.open();
    const { promise, resolve } = Promise.withResolvers<Answered>();
    const first = cache.through({ key: KEY, signal: never, ask: () => promise });
    const gone = new AbortController();
    const second = cache.through({ key: KEY, signal: gone.signal, ask: () => promise });
    gone.abort(new Error("over"));
    await expect(second).rejects.toThrow("over");
    resolve(answeredWith("one"));
    expect(await first).toMatchObject({ hit: false });
  });
});

test("the key tells apart what may change an answer, and tries", () => {
  const parts = { request_sha256: KEY, model: "openai/x", base_url: null, try: 1 };
  const keys = [
    parts,
    { ...parts, request_sha256: "0" },
    { ...parts, model: "openai/y" },
    { ...parts, base_url: "http://127.0.0.1:1" },
    { ...parts, try: 2 },
  ].map(cacheKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(cacheKey({ ...parts })).toBe(keys[0] ?? "");
});
