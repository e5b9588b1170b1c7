// Owns how a worker finds its queue: by name or the only one there is, on the terms of its driver.
import type { Redis } from "ioredis";
import { UsageError } from "../core/fault.ts";
import { keysOf, QUEUES } from "./keys.ts";
import { parsed, type QueueSettings, settings } from "./messages.ts";
import { difference, ownTerms } from "./terms.ts";

const LOOK_AGAIN_MS = 1_000;

export type Joined = { readonly queue: string; readonly settings: QueueSettings };
type Looking = {
  readonly queue: string | undefined;
  readonly signal: AbortSignal;
  /** Called once when there is nothing to join yet. */
  readonly on_wait: () => void;
};

/**
 * Waits for a queue to be there; undefined when the signal aborts before. Throws UsageError where there are several, and none
 * was named.
 */
export async function joinQueue(client: Redis, looking: Looking): Promise<Joined | undefined> {
  for (let looks = 0; !looking.signal.aborted; looks++) {
    const found = await openQueues(client, looking.queue);
    if (found.length > 1) {
      const names = found.map(({ queue }) => queue).sort();
      throw new UsageError(
        `there are several queues on this server: name one with --queue (${names.join(", ")})`,
      );
    }
    if (found[0]) return found[0];
    if (looks === 0) looking.on_wait();
    await Bun.sleep(LOOK_AGAIN_MS);
  }
  return undefined;
}

/** Queues that a driver keeps. */
async function openQueues(client: Redis, named: string | undefined): Promise<Joined[]> {
  const names = named === undefined ? await client.smembers(QUEUES) : [named];
  const all = await Promise.all(
    names.map(async (queue) => ({ queue, settings: await settingsOf(client, queue) })),
  );
  const kept = all.filter((one): one is Joined => one.settings !== undefined);
  const alive = await Promise.all(
    kept.map(({ queue, settings: { driver } }) => client.exists(keysOf(queue, "").driver(driver))),
  );
  return kept.filter((_, index) => alive[index] === 1);
}

/** What the driver of a queue says of it; undefined where none is, or was. */
export async function settingsOf(client: Redis, queue: string): Promise<QueueSettings | undefined> {
  return parsed(settings, await client.get(keysOf(queue, "").settings));
}

/** Why a worker of this version may take nothing of a queue, on one line; undefined where it may. */
export function unfit({ queue, settings: { terms } }: Joined): string | undefined {
  const what = difference(ownTerms(), terms);
  if (what === undefined) return undefined;
  return `this worker takes nothing of the queue "${queue}": ${what}. Install the same Tandem on both machines`;
}
