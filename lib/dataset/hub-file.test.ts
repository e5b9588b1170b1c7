import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import {
  BIG,
  BIG_SOURCE,
  BIG_TARGET,
  brokenServer,
  bytesAnswer,
  download,
  expectWhole,
  fault,
  first,
  put,
  resolved,
  type Seen,
  startHub,
  TARGETS,
  TOKEN,
  TREE,
} from "./hub.fixture.ts";

describe("a cut file", () => {
  test("continues with a range, after the wait or in the next call", async () => {
    using cut = brokenServer(BIG, { sent: 12_345, end: "cut" });
    const away = () => Response.redirect(cut.url, 302);
    using hub = startHub(TREE, { answer: first("combined.patch", away), token: TOKEN });
    using folder = temporaryFolder();
    const { result, sleeps } = await download(hub, folder.path, { token: TOKEN });
    expect(sleeps).toHaveLength(1);
    const ranges = resolved(hub).filter((one) => one.path.endsWith("combined.patch"));
    expect(ranges.map((one) => one.range)).toEqual([null, `bytes=12345-${BIG.length - 1}`]);
    expect(result?.bytes).toBe(TARGETS.reduce((sum, [, content]) => sum + content.length, 0));
    expect(cut.requests.join("")).not.toContain(TOKEN);
    expectWhole(folder.path);
  });

  test("leaves its part behind for the next call when it keeps breaking", async () => {
    using cut = brokenServer(BIG, { sent: 12_345, end: "cut" });
    const away = (seen: Seen) =>
      seen.path.endsWith("combined.patch") ? Response.redirect(cut.url, 302) : undefined;
    using folder = temporaryFolder();
    using broken = startHub(TREE, { answer: away });
    expect(fault((await download(broken, folder.path)).error).code).toBe("hub_gone");
    expect(existsSync(join(folder.path, BIG_TARGET))).toBe(false);
    expect(readFileSync(join(folder.path, `${BIG_TARGET}.part`))).toEqual(BIG.subarray(0, 12_345));
    using hub = startHub(TREE);
    await download(hub, folder.path);
    expect(resolved(hub).map((one) => one.range)).toContain(`bytes=12345-${BIG.length - 1}`);
    expectWhole(folder.path);
  });

  test("a silent connection meets its deadline and is asked again", async () => {
    using silent = brokenServer(BIG, { sent: 100, end: "silence" });
    const away = () => Response.redirect(silent.url, 302);
    using hub = startHub(TREE, { answer: first("combined.patch", away) });
    using folder = temporaryFolder();
    const { error, sleeps } = await download(hub, folder.path, { timeout_ms: 1000 });
    expect(error).toBeUndefined();
    expect(sleeps.length).toBeGreaterThan(0);
    expectWhole(folder.path);
  });

  test("that ends early but in order continues, too", async () => {
    const short = () => bytesAnswer(BIG.subarray(0, 777), null);
    using hub = startHub(TREE, { answer: first("combined.patch", short) });
    using folder = temporaryFolder();
    await download(hub, folder.path);
    expect(resolved(hub).map((one) => one.range)).toContain(`bytes=777-${BIG.length - 1}`);
    expectWhole(folder.path);
  });

  const whole = () => bytesAnswer(BIG, null);
  const elsewhere = () => bytesAnswer(BIG, "bytes=7-99");
  const parts = [
    ["the server ignores ranges", BIG.subarray(0, 100), whole, 0],
    ["the server sends another range", BIG.subarray(0, 100), elsewhere, 1],
    ["the part is whole", BIG, undefined, 0],
    ["the part is longer than the file", Buffer.alloc(BIG.length + 1), undefined, 0],
    ["the part is of another revision", Buffer.alloc(99, "z"), undefined, 0],
    ["the part is of another revision, same size", Buffer.alloc(BIG.length), undefined, 0],
  ] as const;
  test.each(parts)("is right in the end when %s", async (_, part, answer, waits) => {
    using hub = startHub(TREE, answer ? { answer: first("combined.patch", answer) } : {});
    using folder = temporaryFolder();
    put(folder.path, `${BIG_TARGET}.part`, part);
    const { error, sleeps } = await download(hub, folder.path);
    expect({ error, waits: sleeps.length }).toEqual({ error: undefined, waits });
    expectWhole(folder.path);
  });
});

describe("a corrupted file", () => {
  const forms = [
    ["changed", Buffer.alloc(BIG.length, "x")],
    ["shorter", BIG.subarray(0, 100)],
    ["longer", Buffer.concat([BIG, BIG])],
  ] as const;
  const table = forms.flatMap(([form, bytes]) => [
    [form, "plain", bytes] as const,
    [form, "LFS", bytes] as const,
  ]);
  test.each(table)("%s (%s) for ever is a fault and leaves nothing", async (_, kind, bytes) => {
    const answer = (seen: Seen) =>
      seen.path.endsWith("combined.patch") ? bytesAnswer(bytes, seen.range) : undefined;
    using hub = startHub(TREE, { answer, lfs: kind === "LFS" ? [BIG_SOURCE] : [] });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path);
    expect(fault(error).code).toBe("dataset_invalid");
    expect(fault(error).message).toContain(BIG_SOURCE);
    expect(existsSync(join(folder.path, BIG_TARGET))).toBe(false);
    expect(existsSync(join(folder.path, `${BIG_TARGET}.part`))).toBe(false);
  });

  test("without end is left when it is too long", async () => {
    const pull = (flow: ReadableStreamDefaultController) => flow.enqueue(new Uint8Array(65_536));
    const endless = () => new Response(new ReadableStream({ pull }));
    using hub = startHub(TREE, { answer: first("combined.patch", endless) });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path);
    expect(error).toBeUndefined();
    expectWhole(folder.path);
  });

  test("is fetched once more", async () => {
    const bad = () => bytesAnswer(Buffer.alloc(BIG.length, "x"), null);
    using hub = startHub(TREE, { answer: first("combined.patch", bad) });
    using folder = temporaryFolder();
    const { result } = await download(hub, folder.path);
    expect(result?.downloaded).toBe(TARGETS.length);
    expectWhole(folder.path);
  });
});
