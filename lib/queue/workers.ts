// Owns which workers a driver knows: their reports, when each was last heard of by this machine's clock, and who is gone.
import type { Redis } from "ioredis";
import { parsed, type WorkerReport, workerReport } from "./messages.ts";

export type SeenWorker = WorkerReport & {
  readonly id: string;
  /** ISO 8601, by the clock of whoever listens. */
  readonly heard_at: string;
};

/** Reads reports each time it is called; those of workers that are silent for longer than `gone_ms` are removed. */
export function seenWorkers(
  client: Redis,
  key: string,
  gone_ms: number,
): () => Promise<readonly SeenWorker[]> {
  const heard = new Map<string, { readonly beat: number; readonly at: number }>();
  return async () => {
    const now = Date.now();
    const seen = Object.entries(await client.hgetall(key)).flatMap(([id, text]) => {
      const report = parsed(workerReport, text);
      if (report === undefined) return [];
      const before = heard.get(id);
      if (before?.beat !== report.beat) heard.set(id, { beat: report.beat, at: now });
      const { at } = heard.get(id) ?? { at: now };
      return [{ ...report, id, at, heard_at: new Date(at).toISOString() }];
    });
    const gone = seen.filter(({ at }) => now - at > gone_ms).map(({ id }) => id);
    if (gone.length > 0) await client.hdel(key, ...gone);
    for (const id of gone) heard.delete(id);
    return seen.filter(({ id }) => !gone.includes(id)).map(({ at: _, ...worker }) => worker);
  };
}
