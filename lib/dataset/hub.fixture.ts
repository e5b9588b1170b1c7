// Owns a hub for tests: the part of the Hugging Face HTTP API that downloads use, over a tree in memory.
import { expect } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault } from "../core/fault.ts";
import { type DownloadOptions, downloadDataset } from "./hub.ts";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const REPO = "someone/some-dataset";

export type Seen = {
  readonly host: "hub" | "cdn";
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
};
export type Tree = Readonly<Record<string, string | Uint8Array>>;
export type HubOptions = {
  /** Paths kept in LFS: listed by SHA-256, served by another host after a redirect. */
  readonly lfs?: readonly string[];
  /** When set, the dataset is private and this token opens it. */
  readonly token?: string;
  /** Entries a page of the listing. */
  readonly page?: number;
  /** Has the first word on each request to the hub; undefined leaves it to the hub. */
  readonly answer?: (seen: Seen) => Response | undefined;
};
export type TestHub = Disposable & { readonly url: string; readonly seen: Seen[] };

/** A hub on 127.0.0.1 that holds {@link REPO} with one branch `main` at {@link COMMIT}. */
export function startHub(tree: Tree, options: HubOptions = {}): TestHub {
  const seen: Seen[] = [];
  const note = (host: Seen["host"], request: Request) => {
    const { headers } = request;
    const path = decodeURIComponent(new URL(request.url).pathname);
    const range = headers.get("range");
    const one = { host, path, range, authorization: headers.get("authorization") };
    seen.push(one);
    return one;
  };
  const local = { port: 0, hostname: "127.0.0.1" } as const;
  const cdn = Bun.serve({
    ...local,
    fetch: (request) => {
      const { path, range } = note("cdn", request);
      return bytesAnswer(bytesOf(tree, path.slice(1)), range);
    },
  });
  const hub = Bun.serve({
    ...local,
    fetch: (request) => {
      const one = note("hub", request);
      const scripted = options.answer?.(one);
      if (scripted) return scripted;
      if (options.token && one.authorization !== `Bearer ${options.token}`)
        return refusal(401, "RepoNotFound");
      return route({ tree, options, cdn: cdn.url }, new URL(request.url), one);
    },
  });
  return {
    url: hub.url.href,
    seen,
    [Symbol.dispose]() {
      hub.stop(true);
      cdn.stop(true);
    },
  };
}

type World = { tree: Tree; options: HubOptions; cdn: URL };

function route(world: World, url: URL, seen: Seen): Response {
  const { path, range } = seen;
  const api = `/api/datasets/${REPO}/`;
  const files = `/datasets/${REPO}/resolve/`;
  if (path === `${api}revision/main` || path === `${api}revision/${COMMIT}`)
    return Response.json({ _id: "1", id: REPO, private: false, lastModified: "2026", sha: COMMIT });
  if (path === `${api}tree/${COMMIT}`) return listing(world, url);
  if (path.startsWith(api)) return refusal(404, "RevisionNotFound");
  if (!path.startsWith(`${files}${COMMIT}/`)) return refusal(404, "RepoNotFound");
  const name = path.slice(`${files}${COMMIT}/`.length);
  if (!(name in world.tree)) return refusal(404, "EntryNotFound");
  if (world.options.lfs?.includes(name))
    return Response.redirect(new URL(`/${name}`, world.cdn).href, 302);
  return bytesAnswer(bytesOf(world.tree, name), range);
}

function listing(world: World, url: URL): Response {
  const entries = Object.keys(world.tree).map((path) => entryOf(world, path));
  const all = [{ type: "directory", path: "dataset", size: 0, oid: "0".repeat(40) }, ...entries];
  const from = Number(url.searchParams.get("cursor") ?? "0");
  const until = from + (world.options.page ?? 1000);
  if (until >= all.length) return Response.json(all.slice(from));
  const next = new URL(url);
  next.searchParams.set("cursor", String(until));
  return Response.json(all.slice(from, until), { headers: { link: `<${next.href}>; rel="next"` } });
}

function entryOf(world: World, path: string): object {
  const bytes = bytesOf(world.tree, path);
  const plain = { type: "file", path, size: bytes.length, oid: blobId(bytes) };
  if (!world.options.lfs?.includes(path)) return plain;
  const oid = createHash("sha256").update(bytes).digest("hex");
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`;
  const lfs = { oid, size: bytes.length, pointerSize: pointer.length };
  return { ...plain, oid: blobId(Buffer.from(pointer)), lfs };
}

/** Git's id of a blob with these bytes. */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function bytesOf(tree: Tree, path: string): Buffer {
  return Buffer.from(tree[path] ?? "");
}

/** The bytes, or the part of them that a `bytes=a-b` range names (206), or 416. */
export function bytesAnswer(bytes: Uint8Array, range: string | null): Response {
  const etag = { etag: `"${blobId(bytes)}"`, "accept-ranges": "bytes" };
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (!match) return new Response(Buffer.from(bytes), { headers: etag });
  const from = Number(match[1]);
  const size = bytes.length;
  if (from >= size)
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
  const until = Math.min(match[2] ? Number(match[2]) : size - 1, size - 1);
  const headers = { ...etag, "content-range": `bytes ${from}-${until}/${size}` };
  return new Response(Buffer.from(bytes.subarray(from, until + 1)), { status: 206, headers });
}

/** The hub's way to say no: a status, a code in a header and a sentence in JSON. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}) {
  const all = { "x-error-code": code, ...headers };
  return Response.json({ error: `refused: ${code}` }, { status, headers: all });
}

/**
 * A server that announces all bytes and sends the first `sent` of them; then it cuts the connection, or
 * leaves it open in silence.
 */
export function brokenServer(
  bytes: Uint8Array,
  how: { sent: number; end: "cut" | "silence" },
): Disposable & { readonly url: string; readonly requests: string[] } {
  const requests: string[] = [];
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, text) {
        requests.push(text.toString("latin1"));
        socket.write(Buffer.concat([Buffer.from(head), bytes.subarray(0, how.sent)]));
        socket.flush();
        // A reset in the same turn would overtake the bytes.
        if (how.end === "cut") setTimeout(() => socket.end(), 20);
      },
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    requests,
    [Symbol.dispose]: () => server.stop(true),
  };
}

export const BIG = Buffer.alloc(40_000, "0123456789abcdef\r\n");
export const PATCH = Buffer.from("diff --git a/x b/x\r\n \xe9\xff\n \n", "latin1");
/** A small dataset: wanted and other files, both places, odd bytes, an odd name, an empty file. */
export const TREE = {
  "README.md": "card\n",
  ".gitattributes": "*.bin filter=lfs\n",
  "data/train.parquet": "not ours",
  "dataset/go_chi_task/task26/setup.sh": "#!/bin/bash\n",
  "dataset/go_chi_task/task26/feature1/feature.patch": PATCH,
  "dataset/go_chi_task/task26/feature1/odd #1? 100%.md": "odd\n",
  "dataset/go_chi_task/task26/combined.patch": BIG,
  "dataset/subsets/lite.json": "{}\n",
  "pillow_task/task25/empty.txt": "",
};
export const TARGETS = Object.entries(TREE)
  .filter(([path]) => path !== ".gitattributes" && path !== "data/train.parquet")
  .map(([path, bytes]) => [path.replace(/^dataset\//, ""), Buffer.from(bytes)] as const);
export const BIG_SOURCE = "dataset/go_chi_task/task26/combined.patch";
export const BIG_TARGET = "go_chi_task/task26/combined.patch";
export const TOKEN = ["hf", "s3cret".repeat(3)].join("_");

export type Extra = Partial<Omit<DownloadOptions, "into">>;

/** A download of {@link REPO} from the hub whose waits are only noted; says how it ended. */
export async function download(hub: TestHub, into: string, extra: Extra = {}) {
  const sleeps: number[] = [];
  const sleep = async (duration_ms: number) => void sleeps.push(duration_ms);
  const options = { repo_id: REPO, endpoint: hub.url, into, sleep, ...extra };
  const settled = await downloadDataset(options).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...settled, sleeps };
}

/** The value as the Fault it must be. */
export function fault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw new Error("expected a Fault", { cause: error });
}

/** Expects exactly the wanted files of {@link TREE} in the folder, byte for byte. */
export function expectWhole(folder: string): void {
  for (const [path, bytes] of TARGETS)
    expect([path, readFileSync(join(folder, path)).equals(bytes)]).toEqual([path, true]);
  expect(filesIn(folder)).toEqual(TARGETS.map(([path]) => path).sort());
}

/** All files under the folder, sorted. */
export function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Answers the first requests whose path has `part` with these, one after the other. */
export function first(part: string, ...answers: Array<(seen: Seen) => Response>) {
  return (seen: Seen) => (seen.path.includes(part) ? answers.shift()?.(seen) : undefined);
}

export function put(folder: string, path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** The requests for files. */
export const resolved = (hub: TestHub) => hub.seen.filter((one) => one.path.includes("/resolve/"));
