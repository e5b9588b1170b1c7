// Owns bringing one image to the engine: a pull with progress, a deadline and back-off, or a build from a Dockerfile.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Fault } from "../../core/fault.ts";
import { sumOf } from "../../core/lists.ts";
import { type Engine, engineFault } from "./engine.ts";
import { type EngineLine, jsonLines } from "./progress.ts";
import { tarOfFolder } from "./tar.ts";

/** How far a pull or build is; bytes are those of the layers known so far, 0 for a build. */
export type ImageProgress = {
  readonly reference: string;
  readonly status: string;
  readonly bytes_done: number;
  readonly bytes_total: number;
};
export type FetchOptions = {
  readonly reference: string;
  /** Deadline of one try, in milliseconds. */
  readonly timeout_ms: number;
  /** Wait before the second try; doubled before each further one. */
  readonly back_off_ms: number;
  readonly on_progress: (progress: ImageProgress) => void;
  readonly signal: AbortSignal;
};

const TRIES = 4;
const LAST_WORDS = 3;
/** What another try will not change. */
const FINAL =
  /not found|unknown|denied|unauthorized|no matching manifest|invalid reference|does not exist|no basic auth/i;

/**
 * Pulls the image; trouble on the way is tried again. Throws Fault `no_image` naming the image and the ways to get it,
 * `engine_gone`, or the signal's reason.
 */
export async function pullImage(engine: Engine, options: FetchOptions): Promise<void> {
  for (let tries = 1; ; tries++) {
    const trouble = await attempt(options, (limit) => pullOnce(engine, options, limit));
    if (trouble === undefined) return;
    if (tries === TRIES || FINAL.test(trouble))
      throw noImage(options.reference, `cannot be pulled: ${trouble}`);
    await pause(options.back_off_ms * 2 ** (tries - 1), options.signal);
  }
}

/** Builds the image from the Dockerfile of a folder. Throws Fault `no_image` with the build's last words. */
export async function buildImage(
  engine: Engine,
  folder: string,
  options: FetchOptions,
): Promise<void> {
  const { reference, on_progress } = options;
  if (!existsSync(join(folder, "Dockerfile")))
    throw noImage(reference, "cannot be built: its task has no Dockerfile");
  const last: string[] = [];
  const trouble = await attempt(options, async (limit) => {
    const stream = await engine.call(
      `building ${reference}`,
      async (docker) => {
        const settings = { t: reference, rm: true, forcerm: true, abortSignal: limit };
        return (await docker.buildImage(tarOfFolder(folder), settings)) as Readable;
      },
      { timeout_ms: options.timeout_ms, signal: limit },
    );
    await follow(stream, limit, (line) => {
      const status = line.stream?.trim() ?? "";
      if (status === "") return;
      last.push(status);
      on_progress({ reference, status, bytes_done: 0, bytes_total: 0 });
    });
  });
  if (trouble === undefined) return;
  const words = [...last.slice(-LAST_WORDS), trouble].join(" | ");
  throw noImage(reference, `cannot be built: ${words}`);
}

/** The fault for an image that cannot be had. */
export function noImage(reference: string, why: string): Fault {
  return new Fault("no_image", `the image ${reference} ${why}`, {
    hint: `name another registry with --registry, build it from its Dockerfile with --build, or see what \`docker pull ${reference}\` reports`,
  });
}

/** One try under its own deadline. Returns what went wrong with the image; throws what is wrong with the engine. */
async function attempt(
  { signal, timeout_ms }: FetchOptions,
  work: (limit: AbortSignal) => Promise<void>,
): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(timeout_ms);
  try {
    await work(AbortSignal.any([signal, deadline]));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) return `not done within ${timeout_ms / 1000} s`;
    if (error instanceof Refused) return error.message;
    const fault = engineFault("fetching an image", error);
    if (fault instanceof Fault && fault.code === "sandbox_failed") return fault.message;
    throw fault;
  }
}

/** What the engine says within its answer: the registry or the build failed, not the engine. */
class Refused extends Error {}

async function pullOnce(
  engine: Engine,
  { reference, on_progress, timeout_ms }: FetchOptions,
  limit: AbortSignal,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  const stream = await engine.call(
    `pulling ${reference}`,
    async (docker) => (await docker.pull(reference, { abortSignal: limit })) as Readable,
    { timeout_ms, signal: limit },
  );
  await follow(stream, limit, (line) => {
    const { current = 0, total = 0 } = line.progressDetail ?? {};
    if (line.id !== undefined && line.status === "Downloading")
      layers.set(line.id, { current, total });
    const known = [...layers.values()];
    on_progress({
      reference,
      status: line.status ?? "",
      bytes_done: sumOf(known, (layer) => layer.current),
      bytes_total: sumOf(known, (layer) => layer.total),
    });
  });
}

/** Reads an answer to its end; closing it early makes the engine stop its work. */
async function follow(
  stream: Readable,
  limit: AbortSignal,
  onLine: (line: EngineLine) => void,
): Promise<void> {
  const stop = () => stream.destroy(limit.reason);
  limit.addEventListener("abort", stop, { once: true });
  if (limit.aborted) stop();
  try {
    for await (const line of jsonLines(stream)) {
      if (line.error !== undefined) throw new Refused(line.error);
      onLine(line);
    }
    limit.throwIfAborted();
  } finally {
    limit.removeEventListener("abort", stop);
    stream.destroy();
  }
}

async function pause(wait_ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, wait_ms);
  signal.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
  signal.throwIfAborted();
}
