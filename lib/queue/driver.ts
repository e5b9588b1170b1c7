// Owns the sender's side of a queue: it is opened for a ledger, and has errands done by whoever takes them.
import { randomBytes } from "node:crypto";
import { asFault, Fault } from "../core/fault.ts";
import { thisOwner } from "../core/owner.ts";
import type { Delivered, Errand, Parcel, Send } from "../errands/errand.ts";
import { openFreight } from "./freight.ts";
import { openBeat, takeQueue } from "./keeping.ts";
import { jobId, keysOf } from "./keys.ts";
import { openLanes } from "./lane.ts";
import { type LostDelivery, readPost, type ToDriver, toDriver } from "./messages.ts";
import { add, laneFor, type Outbox, type Pending, recall, settle } from "./outbox.ts";
import { delivered, heard, packed } from "./parcels.ts";
import { openServer, refusal, type Server } from "./server.ts";
import { ownTerms, termsTag } from "./terms.ts";
import { type SeenWorker, seenWorkers } from "./workers.ts";

export type DriverOptions = {
  readonly url: string;
  readonly queue: string;
  /** Tells one ledger from another: a queue is one ledger's. */
  readonly ledger: string;
  /** A worker that is silent for so long has lost its units. */
  readonly silence_ms: number;
  /** `s3://bucket/prefix` for bytes; null: all go through Redis. */
  readonly artifacts: string | null;
  /** What a delivery had cost in all whose result does not count; told again when it is more. */
  readonly on_lost?: (lost: LostDelivery) => void;
  /** All workers that are known, every few seconds. */
  readonly on_workers?: (workers: readonly SeenWorker[]) => void;
};
export type Driver = AsyncDisposable & {
  readonly send: Send;
  /** Units that were sent and have not come back. */
  readonly outstanding: () => number;
};

const LONGEST_BEAT_MS = 2_000;
/** Workers that are silent for so many silences are forgotten. */
const FORGOTTEN = 10;

/**
 * Opens a queue for sending. Throws UsageError for an address that cannot be used and for a queue of another ledger, Fault
 * `queue_gone` when no server answers.
 */
export async function openDriver(options: DriverOptions): Promise<Driver> {
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await openServer(options.url));
  const box = await openOutbox(options, server);
  const { client, keys, driver } = box;
  const { queue, ledger, silence_ms, artifacts } = options;
  const about = { queue, ledger, silence_ms, artifacts, driver, place: server.place };
  const beat = openBeat(box, about);
  await takeQueue(box, about)
    .then(beat)
    .catch((error: unknown) => {
      throw refusal(server, error);
    });
  opening.use(
    repeat(server, {
      work: beating(options, { box, beat }),
      every_ms: Math.min(LONGEST_BEAT_MS, silence_ms / 4),
      on_error: (error) => failAll(box, error),
    }),
  );
  const stop = new AbortController();
  opening.defer(() => stop.abort());
  const reading = { inbox: keys.inbox(driver), schema: toDriver, signal: stop.signal };
  void readPost({ client, blocking: server.blocking() }, reading, (one) => hear(box, one));
  opening.defer(() => leave(box));
  const kept = opening.move();
  let sending = 0;
  return {
    send: async (errand, parcel) => await sent(box, errand, { parcel, sending: ++sending }),
    outstanding: () => box.pending.size,
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

async function openOutbox(options: DriverOptions, { client }: Server): Promise<Outbox> {
  const keys = keysOf(options.queue, termsTag(ownTerms()));
  const { silence_ms, on_lost = () => undefined } = options;
  return {
    ...{ client, keys, on_lost },
    freight: openFreight(client, options.artifacts),
    driver: randomBytes(5).toString("hex"),
    openLane: await openLanes({ client, prefix: keys.prefix, lock_ms: silence_ms }),
    lanes: new Map(),
    pending: new Map(),
    accepted: new Set(),
  };
}

function beating(
  { silence_ms, on_workers }: DriverOptions,
  { box, beat }: { readonly box: Outbox; readonly beat: () => Promise<void> },
): () => Promise<void> {
  const workers = seenWorkers(box.client, box.keys.workers, FORGOTTEN * silence_ms);
  return async () => {
    await beat();
    if (on_workers) on_workers(await workers());
  };
}

/** A server that answers, and refuses. */
function failAll({ pending }: Outbox, error: unknown): void {
  const fault = new Fault("queue_gone", `the queue cannot be kept: ${asFault(error).message}`, {
    hint: "see the Redis server's log; `redis-cli info` shows its memory",
    cause: error,
  });
  for (const one of pending.values()) one.done.reject(fault);
}

function hear(box: Outbox, message: ToDriver): void {
  const one = box.pending.get(message.job);
  if (one === undefined) return;
  const work = message.is === "ended" ? settle(box, one) : heard(box, one, message);
  work.catch(one.done.reject);
}

async function sent<I, O>(
  box: Outbox,
  errand: Errand<I, O>,
  { parcel, sending }: { readonly parcel: Parcel<I>; readonly sending: number },
): Promise<Delivered<O>> {
  parcel.signal.throwIfAborted();
  const { unit, claim, signal } = parcel;
  const one: Pending = {
    id: jobId({ unit, claim, driver: box.driver, sending }),
    lane: await laneFor(box, errand.image(parcel.input)),
    ...packed(errand, parcel, thisOwner()),
    parcel,
    deliveries: new Map(),
    answers: new Map(),
    done: Promise.withResolvers(),
  };
  const leave = () => {
    one.done.reject(signal.reason);
    // A server that is away cannot be told; the result counts for nothing either way.
    recall(box, one).catch(() => undefined);
  };
  signal.addEventListener("abort", leave, { once: true });
  box.pending.set(one.id, one);
  try {
    await add(box, one);
    return await delivered(errand, await one.done.promise, box);
  } finally {
    box.pending.delete(one.id);
    signal.removeEventListener("abort", leave);
  }
}

/** Others may go on with the queue: only what is this driver's own is removed. */
async function leave({ client, keys, driver, lanes }: Outbox): Promise<void> {
  for (const lane of lanes.values()) await lane.leave();
  await client.unlink(keys.driver(driver), keys.inbox(driver));
  await client.hdel(keys.drivers, driver);
}

/** Does it again and again, and at once whenever the connection has come back. */
function repeat(
  { client }: Server,
  {
    work,
    every_ms,
    on_error,
  }: { work: () => Promise<void>; every_ms: number; on_error: (error: unknown) => void },
): Disposable {
  let again: Promise<void> = Promise.resolve();
  const next = () => {
    again = again.then(work).catch(on_error);
  };
  const timer = setInterval(next, every_ms);
  client.on("ready", next);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      client.off("ready", next);
    },
  };
}
