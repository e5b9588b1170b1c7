// Owns the hub: brings the dataset's files from Hugging Face into a folder, verified and resumable.

import { setTimeout as pause } from "node:timers/promises";
import { asFault, Fault, UsageError } from "../core/fault.ts";
import { sumOf } from "../core/lists.ts";
import { eachOf } from "../core/pool.ts";
import { type Answer, bring, type HubFile } from "./hub-file.ts";
import {
  asFetch,
  CONTINUE,
  jsonFetch,
  KNOWN_DATASETS,
  type Line,
  readable,
  Setback,
  send,
} from "./hub-http.ts";
import { checkNames, Entry, wantedFile } from "./hub-tree.ts";

export { KNOWN_DATASETS };

export type DownloadProgress = {
  readonly files_done: number;
  readonly files_total: number;
  readonly bytes_done: number;
  readonly bytes_total: number;
  /** The file that moved, relative to the folder. */
  readonly path: string;
};
export type DownloadOptions = {
  /** `owner/name` of a dataset, such as one of {@link KNOWN_DATASETS}. */
  readonly repo_id: string;
  /** Branch, tag or commit; `main` when absent. */
  readonly revision?: string;
  /** Access token (`hf_…`) for private and gated datasets. */
  readonly token?: string;
  /** Base URL of the hub. */
  readonly endpoint?: string;
  /** Folder that receives `<repo>_task/…`, `subsets/…` and `README.md`. */
  readonly into: string;
  /** Files under way at once. */
  readonly concurrency?: number;
  /** Deadline of one request with its body, in milliseconds. */
  readonly timeout_ms?: number;
  readonly signal?: AbortSignal;
  readonly on_progress?: (progress: DownloadProgress) => void;
  /** How to wait between tries, in milliseconds; must reject when the signal fires. */
  readonly sleep?: (duration_ms: number, signal: AbortSignal) => Promise<void>;
};
export type DownloadResult = {
  /** The commit the revision stands for. */
  readonly revision: string;
  /** Files of the tree. */
  readonly files: number;
  /** Files fetched by this call; the others were there. */
  readonly downloaded: number;
  /** Bytes received by this call. */
  readonly bytes: number;
};

type Hub = typeof import("@huggingface/hub");
type Session = Line & {
  readonly hub: Hub;
  /** The endpoint as the library wants it, without a slash at the end. */
  readonly hubUrl: string;
  readonly credentials: { accessToken: string } | Record<string, never>;
  readonly into: string;
  readonly width: number;
};

/**
 * Brings the dataset at one commit into `into`: `*_task/**`, `subsets/**` and `README.md`, found at the
 * top or under `dataset/` (which is stripped, and wins when both hold a name). Files that are there with
 * the right checksum are kept, `<name>.part` is continued. Files no longer in the tree are not removed.
 * Throws UsageError for impossible options, and Fault `hub_auth`, `hub_missing`, `hub_rate_limited`,
 * `hub_gone`, `dataset_invalid` (hostile path, wrong checksum twice), `interrupted`, or a disk's.
 */
export async function downloadDataset(options: DownloadOptions): Promise<DownloadResult> {
  const stop = new AbortController();
  try {
    const session = await openSession(options, stop.signal);
    const revision = await resolveRevision(session);
    const files = await listWanted(session, revision);
    const tally = openTally(files, options.on_progress);
    await eachOf(files, { concurrency: session.width }, (file) =>
      bringOne(session, { revision, file, tally }).catch((error) => {
        // The first failure ends what the others are at, too.
        stop.abort(error);
        throw error;
      }),
    );
    return { revision, files: files.length, ...tally.counts };
  } catch (error) {
    if (options.signal?.aborted)
      throw new Fault("interrupted", "the download was interrupted", {
        hint: CONTINUE,
        cause: error,
      });
    throw error instanceof UsageError ? error : asFault(error);
  }
}

async function openSession(options: DownloadOptions, stop: AbortSignal): Promise<Session> {
  if (!/^\w[\w.-]*\/\w[\w.-]*$/.test(options.repo_id))
    throw new UsageError(`"${options.repo_id}" is not a dataset id (such as ${KNOWN_DATASETS[0]})`);
  const width = options.concurrency ?? 8;
  if (!Number.isInteger(width) || width < 1)
    throw new UsageError(`concurrency must be a whole number of at least 1, not ${width}`);
  // The library's own check comes later, and a stray newline would be quoted in fetch's message.
  if (options.token && !/^hf_[\x21-\x7e]+$/.test(options.token))
    throw new Fault("hub_auth", "the token is not one of the hub's (hf_…)", {
      hint: "set HF_TOKEN to the token exactly as the hub shows it",
    });
  options.signal?.throwIfAborted();
  const hub = await import("@huggingface/hub");
  const endpoint = options.endpoint ?? hub.HUB_URL;
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint))
    throw new UsageError(`"${endpoint}" is not a hub address (such as ${hub.HUB_URL})`);
  const hubUrl = endpoint.replace(/\/+$/, "");
  return {
    hub,
    hubUrl,
    repo_id: options.repo_id,
    asked: options.revision ?? "main",
    endpoint: new URL(hubUrl),
    credentials: options.token ? { accessToken: options.token } : {},
    into: options.into,
    width,
    timeout_ms: options.timeout_ms ?? 120_000,
    signal: options.signal ? AbortSignal.any([options.signal, stop]) : stop,
    sleep: options.sleep ?? ((duration_ms, signal) => pause(duration_ms, undefined, { signal })),
  };
}

async function resolveRevision(session: Session): Promise<string> {
  const { hub, hubUrl, repo_id: name, asked: revision, credentials } = session;
  const additionalFields: ["sha"] = ["sha"];
  const info = await understood(session, () =>
    hub.datasetInfo({
      name,
      revision,
      hubUrl,
      additionalFields,
      fetch: jsonFetch(session),
      ...credentials,
    }),
  );
  return understood(session, () => Entry.shape.oid.parse(info.sha));
}

async function listWanted(session: Session, revision: string): Promise<HubFile[]> {
  const repo = { type: "dataset", name: session.repo_id } as const;
  const options = { repo, revision, recursive: true, hubUrl: session.hubUrl };
  const files = new Map<string, HubFile>();
  await understood(session, async () => {
    const listing = session.hub.listFiles({
      ...options,
      fetch: jsonFetch(session),
      ...session.credentials,
    });
    for await (const entry of listing) {
      const file = entry.type === "file" ? wantedFile(Entry.parse(entry)) : undefined;
      if (file && (!files.has(file.target) || file.source !== file.target))
        files.set(file.target, file);
    }
  });
  checkNames(`dataset ${session.repo_id} at ${session.asked}`, files);
  return [...files.values()];
}

type Tally = ReturnType<typeof openTally>;

/** Counts what this call brought and tells the caller, file by file and chunk by chunk. */
function openTally(files: readonly HubFile[], tell: DownloadOptions["on_progress"]) {
  const bytes_total = sumOf(files, (file) => file.size);
  const counts = { downloaded: 0, bytes: 0 };
  const done = { files: 0, bytes: 0 };
  const under_way = new Map<HubFile, number>();
  const report = (path: string) => {
    const bytes_done = [...under_way.values()].reduce((sum, at) => sum + at, done.bytes);
    tell?.({ files_done: done.files, files_total: files.length, bytes_done, bytes_total, path });
  };
  return {
    counts,
    moved(file: HubFile, progress: { at: number; received: number }) {
      under_way.set(file, progress.at);
      counts.bytes += progress.received;
      report(file.target);
    },
    finished(file: HubFile, fetched: boolean) {
      under_way.delete(file);
      if (fetched) counts.downloaded++;
      done.files++;
      done.bytes += file.size;
      report(file.target);
    },
  };
}

async function bringOne(session: Session, plan: { revision: string; file: HubFile; tally: Tally }) {
  const { revision, file, tally } = plan;
  session.signal.throwIfAborted();
  const fetched = await bring({
    line: session,
    into: session.into,
    file,
    request: (from) => request(session, { revision, file, from }),
    moved: (at, received) => tally.moved(file, { at, received }),
  });
  tally.finished(file, fetched);
}

async function request(
  session: Session,
  wanted: { revision: string; file: HubFile; from: number },
): Promise<Answer> {
  const { revision, file, from } = wanted;
  const path = file.source.split("/").map(encodeURIComponent).join("/");
  const url = `${session.hubUrl}/datasets/${session.repo_id}/resolve/${revision}/${path}`;
  const answered = Promise.withResolvers<Response>();
  const blob = await session.hub.downloadFile({
    repo: { type: "dataset", name: session.repo_id },
    path: file.source,
    // Known from the listing, and the library leaves `#` and `?` in paths as they are. Plain HTTP
    // instead of xet: any server speaks it, and a cut transfer can be continued.
    downloadInfo: { size: file.size, etag: file.digest, url },
    xet: false,
    fetch: asFetch((target, init) => {
      const sent = send(session, { url: target, init: uncompressed(init) });
      sent.then(answered.resolve, answered.reject);
      return sent;
    }),
    ...session.credentials,
  });
  if (blob === null) throw new Setback(`the hub has lost ${file.source}`);
  const stream = blob.slice(from).stream();
  // The library passes on only the text of a failed request, so its fate is read here.
  const response = await answered.promise;
  return { response, body: readable(session, stream) };
}

/** Asks for the bytes as they are: a range of a compressed body would be a range of other bytes. */
function uncompressed(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  headers.set("accept-encoding", "identity");
  return { ...init, headers };
}

/** Runs one of the library's calls; an answer that is not the hub's JSON becomes Fault `hub_gone`. */
async function understood<T>(session: Session, call: () => Promise<T> | T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Fault || session.signal.aborted) throw error;
    throw new Fault("hub_gone", `${session.endpoint.host} does not answer as a hub`, {
      hint: "check the address of the hub, and that no proxy answers in its place",
      cause: error,
    });
  }
}
