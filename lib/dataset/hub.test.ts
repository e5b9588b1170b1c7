import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import {
  BIG,
  BIG_SOURCE,
  BIG_TARGET,
  blobId,
  brokenServer,
  COMMIT,
  download,
  expectWhole,
  fault,
  first,
  REPO,
  refusal,
  resolved,
  type Seen,
  startHub,
  TARGETS,
  TOKEN,
  TREE,
} from "./hub.fixture.ts";
import { type DownloadProgress, downloadDataset } from "./hub.ts";

describe("a download", () => {
  test("blob ids are git's", () => {
    expect(blobId(Buffer.from("hello\n"))).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
  });

  test("brings every page of the tree, byte for byte, at one commit", async () => {
    using hub = startHub(TREE, { page: 3, lfs: [BIG_SOURCE] });
    using folder = temporaryFolder();
    const { result, sleeps } = await download(hub, folder.path);
    const bytes = TARGETS.reduce((sum, [, content]) => sum + content.length, 0);
    const files = TARGETS.length;
    expect(result).toEqual({ revision: COMMIT, files, downloaded: files, bytes });
    expectWhole(folder.path);
    expect(sleeps).toEqual([]);
    const tree = hub.seen.filter((one) => one.path.includes("/tree/"));
    expect(tree).toHaveLength(4);
    expect(resolved(hub).every((one) => one.path.includes(`/resolve/${COMMIT}/`))).toBe(true);
    expect(hub.seen.filter((one) => one.host === "cdn")).toHaveLength(1);
  });

  test("fetches nothing twice, and only what is missing or damaged", async () => {
    using hub = startHub(TREE, { lfs: [BIG_SOURCE] });
    using folder = temporaryFolder();
    await download(hub, folder.path);
    hub.seen.length = 0;
    const again = await download(hub, folder.path);
    expect(again.result).toMatchObject({ downloaded: 0, bytes: 0, files: TARGETS.length });
    expect(resolved(hub)).toEqual([]);
    writeFileSync(join(folder.path, BIG_TARGET), Buffer.alloc(BIG.length, "x"));
    rmSync(join(folder.path, "subsets/lite.json"));
    const repaired = await download(hub, folder.path);
    expect(repaired.result).toMatchObject({ downloaded: 2, bytes: BIG.length + 3 });
    expectWhole(folder.path);
  });

  test("tells its progress up to the totals", async () => {
    using hub = startHub(TREE);
    using folder = temporaryFolder();
    const told: DownloadProgress[] = [];
    const on_progress = (progress: DownloadProgress) => void told.push(progress);
    const { result } = await download(hub, folder.path, { on_progress });
    const last = told.at(-1);
    expect(last).toMatchObject({ files_done: TARGETS.length, files_total: TARGETS.length });
    expect(last?.bytes_done).toBe(result?.bytes ?? -1);
    expect(last?.bytes_total).toBe(result?.bytes ?? -1);
    const amounts = told.map((one) => one.bytes_done);
    expect(amounts).toEqual(amounts.toSorted((a, b) => a - b));
  });

  const path = "x_task/task1/setup.sh";
  const twice = [
    { [`dataset/${path}`]: "inner", [path]: "outer" },
    { [path]: "outer", [`dataset/${path}`]: "inner" },
  ];
  test.each(twice)("prefers the copy under dataset/ in %j", async (tree) => {
    using hub = startHub(tree);
    using folder = temporaryFolder();
    await download(hub, folder.path);
    expect(readFileSync(join(folder.path, path), "utf8")).toBe("inner");
  });
});

describe("an abort", () => {
  test("before the start asks nothing", async () => {
    using hub = startHub(TREE);
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, { signal: AbortSignal.abort() });
    expect(fault(error).code).toBe("interrupted");
    expect(hub.seen).toEqual([]);
  });

  test("ends a wait", async () => {
    const stop = new AbortController();
    const answer = () => {
      setTimeout(() => stop.abort(), 20);
      return refusal(429, "x", { "retry-after": "300" });
    };
    using hub = startHub(TREE, { answer });
    using folder = temporaryFolder();
    const real = { repo_id: REPO, endpoint: hub.url, into: folder.path, signal: stop.signal };
    const error = await downloadDataset(real).catch((caught: unknown) => caught);
    expect(fault(error).code).toBe("interrupted");
    expect(hub.seen).toHaveLength(1);
  });

  test("ends a transfer; the next call continues it", async () => {
    using silent = brokenServer(BIG, { sent: 100, end: "silence" });
    const stop = new AbortController();
    const away = () => Response.redirect(silent.url, 302);
    using hub = startHub(TREE, { answer: first("combined.patch", away) });
    using folder = temporaryFolder();
    const on_progress = ({ path }: DownloadProgress) => {
      if (path === BIG_TARGET) stop.abort();
    };
    const { error, sleeps } = await download(hub, folder.path, {
      signal: stop.signal,
      on_progress,
    });
    expect({ code: fault(error).code, sleeps }).toEqual({ code: "interrupted", sleeps: [] });
    await download(hub, folder.path);
    expect(resolved(hub).map((one) => one.range)).toContain(`bytes=100-${BIG.length - 1}`);
    expectWhole(folder.path);
  });
});

describe("a private dataset", () => {
  test("opens with the token, which stays at the hub", async () => {
    using hub = startHub(TREE, { token: TOKEN, lfs: [BIG_SOURCE] });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, { token: TOKEN });
    expect(error).toBeUndefined();
    for (const { host, authorization } of hub.seen)
      expect(authorization).toBe(host === "hub" ? `Bearer ${TOKEN}` : null);
    expectWhole(folder.path);
  });

  const answers = [
    ["a wrong token", `${TOKEN}x`, undefined, "hub_auth"],
    ["a token of another kind", TOKEN.replace("hf_", "sk-"), undefined, "hub_auth"],
    ["a token with a newline", `${TOKEN}\nx`, undefined, "hub_auth"],
    ["a limit", TOKEN, () => refusal(429, TOKEN), "hub_rate_limited"],
    ["an echo", TOKEN, (seen: Seen) => refusal(400, seen.authorization ?? ""), "hub_gone"],
    ["an echo of no JSON", TOKEN, (seen: Seen) => new Response(seen.authorization), "hub_gone"],
  ] as const;
  test.each(answers)("%s never shows the token", async (_, token, answer, code) => {
    using hub = startHub(TREE, { token: TOKEN, ...(answer ? { answer } : {}) });
    using folder = temporaryFolder();
    const { error } = await download(hub, folder.path, { token });
    expect(fault(error).code).toBe(code);
    expect(Bun.inspect(error, { depth: 20 })).not.toContain(TOKEN.slice(3));
    expect(JSON.stringify(fault(error).cause ?? "")).not.toContain(TOKEN.slice(3));
  });
});
