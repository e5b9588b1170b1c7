// Owns what keeps a queue in order while its driver lives: a sign of life, jobs that the server forgot, results that nobody waits for.
import type { Redis } from "ioredis";
import { UsageError } from "../core/fault.ts";
import { ownerGone, thisOwner } from "../core/owner.ts";
import { driverOf, QUEUES, type QueueKeys } from "./keys.ts";
import type { Lane } from "./lane.ts";
import {
  jobData,
  jobResult,
  lostDelivery,
  parsed,
  type QueueSettings,
  settings,
} from "./messages.ts";
import { add, type Outbox, settle } from "./outbox.ts";
import { ownTerms } from "./terms.ts";

/** A driver that is silent for so long is taken for dead. */
export const DRIVER_GONE_S = 60;
const MOST_FINISHED = 1_000;
const DAY_S = 86_400;

type About = Omit<QueueSettings, "terms"> & { readonly queue: string; readonly place: string };

/**
 * Takes the queue for a ledger. Throws UsageError while it is another's; what a dead driver left is taken over.
 */
export async function takeQueue({ client, keys }: Outbox, about: About): Promise<void> {
  await forgetDead(client, keys);
  const before = parsed(settings, await client.get(keys.settings));
  if (before === undefined || before.ledger === about.ledger) return;
  if ((await client.exists(keys.driver(before.driver))) === 0) return;
  throw new UsageError(
    `the queue "${about.queue}" at ${about.place} is in use for another ledger: give this one a name of its own with --queue`,
  );
}

/** Workers leave at once what a driver had sent that is provably dead; of others they see it after a minute. */
async function forgetDead(client: Redis, keys: QueueKeys): Promise<void> {
  for (const [driver, owner] of Object.entries(await client.hgetall(keys.drivers)))
    if (ownerGone(owner)) {
      await client.unlink(keys.driver(driver), keys.inbox(driver));
      await client.hdel(keys.drivers, driver);
    }
}

/** Says that the driver is there, and sees to what has come about since the last call. */
export function openBeat(box: Outbox, about: About): () => Promise<void> {
  let beats = 0;
  return async () => {
    const forgot = await signOfLife(box, about, ++beats);
    if (forgot) await addForgotten(box);
    for (const lane of box.lanes.values()) {
      const back = await lane.putBack();
      if (back > 0) await box.client.rpush(box.keys.bell, ...Array<number>(back).fill(1));
      for (const id of await lane.finished(MOST_FINISHED)) await takeFinished(box, lane, id);
    }
    await hearLost(box);
  };
}

/** Returns whether the server's memory is not that of the last beat: it was started again, or emptied. */
async function signOfLife(
  { client, keys, driver }: Outbox,
  about: About,
  beat: number,
): Promise<boolean> {
  const { queue, place: _, ...rest } = about;
  const said: QueueSettings = { ...rest, terms: ownTerms() };
  const [before] = await Promise.all([
    client.call("SET", keys.driver(driver), beat, "EX", DRIVER_GONE_S, "GET"),
    client.hset(keys.drivers, driver, thisOwner()),
    client.set(keys.settings, JSON.stringify(said), "EX", DAY_S),
    // A server's user may be confined to the queue's own names.
    client.sadd(QUEUES, queue).catch(() => undefined),
    ...[keys.bell, keys.lanes, keys.lost, keys.drivers].map((key) => client.expire(key, DAY_S)),
  ]);
  return beat > 1 && String(before) !== String(beat - 1);
}

/** Adds again what is on its way and not known there. */
async function addForgotten(box: Outbox): Promise<void> {
  for (const { name, image } of box.lanes.values())
    await box.client.hset(box.keys.lanes, name, image);
  const byLane = Map.groupBy(box.pending.values(), ({ lane }) => lane);
  for (const [lane, all] of byLane)
    for (let at = 0; at < all.length; at += MOST_ASKED) {
      const some = all.slice(at, at + MOST_ASKED);
      const known = await lane.known(some.map(({ id }) => id));
      await Promise.all(some.filter((_, index) => !known[index]).map((one) => add(box, one)));
    }
}

const MOST_ASKED = 1_000;

/** A result whose message did not arrive, or that nobody waits for: it is removed, and what it had cost is lost. */
async function takeFinished(box: Outbox, lane: Lane, id: string): Promise<void> {
  const one = box.pending.get(id);
  if (one) return await settle(box, one);
  const driver = driverOf(id);
  const own = driver === box.driver;
  if (!own && (await box.client.exists(box.keys.driver(driver))) === 1) return;
  const result = parsed(jobResult, await lane.resultOf(id));
  const data = parsed(jobData, await lane.dataOf(id));
  if (!(await lane.remove(id)) || !result?.progress || !data) return;
  const { token, worker, progress } = result;
  const { kind, unit, claim, owner } = data;
  if (!box.accepted.has(token)) box.on_lost({ kind, unit, claim, owner, token, worker, progress });
}

/** What workers say they have lost. */
async function hearLost(box: Outbox): Promise<void> {
  const texts = (await box.client.lpop(box.keys.lost, MOST_ASKED)) ?? [];
  for (const text of texts) {
    const lost = parsed(lostDelivery, text);
    if (lost && !box.accepted.has(lost.token)) box.on_lost(lost);
  }
}
