// Owns one unit in a worker's hands: what its errand is offered, and how its result, its fault or its cost go back.
import type { Redis } from "ioredis";
import type { UnitProgress } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { redactBytes, redactDeep } from "../core/redact.ts";
import { carriedAsFault, carryFault } from "../errands/carry.ts";
import type { Blobs, Json, Site, Workshop } from "../errands/errand.ts";
import type { Freight } from "./bucket.ts";
import type { ByteCache } from "./byte-cache.ts";
import { verified } from "./freight.ts";
import { driverOf, type QueueKeys } from "./keys.ts";
import type { Taken } from "./lane.ts";
import {
  type JobData,
  type JobResult,
  jobData,
  post,
  type ToDriver,
  type ToWorker,
} from "./messages.ts";
import { MOST_INLINE } from "./parcels.ts";

/** What a worker's deliveries have in common. */
export type Bench = {
  readonly client: Redis;
  readonly keys: QueueKeys;
  readonly freight: Freight;
  readonly cache: ByteCache;
  readonly workshop: Workshop;
  readonly perform: Perform;
  /** Its id in the queue. */
  readonly worker: string;
  /** Everything is left at once when it aborts: units go back to the queue. */
  readonly signal: AbortSignal;
};
/** Does an errand by its kind. Throws what it throws. */
export type Perform = (kind: string, input: Json, site: Site) => Promise<Json>;

/** A unit that is being worked on. */
export type Delivery = {
  readonly taken: Taken;
  /** Another has it, or nobody wants it: its result does not count. */
  readonly fence: (why: string) => void;
  readonly heard: (message: Extract<ToWorker, { readonly is: "answer" | "refusal" }>) => boolean;
  /** Resolves, once it is over, with the fault that the unit met. */
  readonly over: Promise<Fault | undefined>;
};

/** A question that is not answered is asked again: the server may have forgotten it. */
const ASK_AGAIN_MS = 10_000;
let asked = 0;

/** Begins to work on a unit. */
export function begin(bench: Bench, taken: Taken): Delivery {
  const fenced = new AbortController();
  const open = new Map<number, PromiseWithResolvers<Json>>();
  const course: Course = { bench, taken, open, fenced: fenced.signal };
  return {
    taken,
    fence: (why) =>
      fenced.abort(
        new Fault("lease_lost", why, { hint: "nothing to do: its result does not count" }),
      ),
    heard(message) {
      const waiting = open.get(message.ask);
      if (message.is === "answer") waiting?.resolve(message.body);
      else waiting?.reject(carriedAsFault(message.fault));
      return waiting !== undefined;
    },
    over: follow(course),
  };
}

type Course = {
  readonly bench: Bench;
  readonly taken: Taken;
  readonly open: Map<number, PromiseWithResolvers<Json>>;
  readonly fenced: AbortSignal;
  progress?: UnitProgress;
};

async function follow(course: Course): Promise<Fault | undefined> {
  const { bench, taken, fenced } = course;
  if (await isOrphan(course)) {
    if (await taken.complete({})) await taken.lane.remove(taken.id);
    return undefined;
  }
  await tell(course, { is: "took", ...mine(course) });
  const result = await worked(course);
  if (bench.signal.aborted && !fenced.aborted) {
    await lose(course);
    await taken.giveBack();
    await bench.client.rpush(bench.keys.bell, 1);
    return undefined;
  }
  if (fenced.aborted || !(await taken.complete(result))) await lose(course);
  else await tell(course, { is: "ended", job: taken.id });
  return result.fault && carriedAsFault(result.fault);
}

/** Whoever sent it is dead: it is not worth beginning. */
async function isOrphan({ bench: { client, keys }, taken }: Course): Promise<boolean> {
  return (await client.exists(keys.driver(driverOf(taken.id)))) === 0;
}

/** Whatever comes of the errand, as completing the job stores it. */
async function worked(course: Course): Promise<JobResult> {
  const { token } = course.taken;
  const about = () => ({ token, worker: course.bench.worker, progress: course.progress ?? null });
  try {
    const output = redactDeep(await performed(course));
    const text = JSON.stringify(output);
    if (text.length <= MOST_INLINE) return { ...about(), output };
    return { ...about(), output_hash: await putResult(course, Buffer.from(text)) };
  } catch (error) {
    return { ...about(), fault: carryFault(error) };
  }
}

async function performed(course: Course): Promise<Json> {
  const { bench, taken } = course;
  if (taken.given_up)
    throw new Fault("worker_lost", "several workers in a row ended, or fell silent, on this unit", {
      hint: "see their machines' logs for want of memory; then run the same command again",
    });
  const data = jobData.parse(taken.data);
  const signal = AbortSignal.any([course.fenced, bench.signal]);
  const site: Site = {
    ...bench.workshop,
    blobs: { get: (hash) => getBytes(course, hash), put: (bytes) => putResult(course, bytes) },
    signal,
    say(progress) {
      course.progress = progress;
      // The next word of it, or the result, says the same and more.
      tell(course, { is: "said", ...mine(course), progress }).catch(() => undefined);
    },
    ask: async (topic, body) => await ask(course, { is: "asked", topic, body }),
  };
  return await bench.perform(data.kind, await inputOf(data, site.blobs), site);
}

async function inputOf({ input = null, input_hash }: JobData, blobs: Blobs): Promise<Json> {
  if (input_hash === undefined) return input;
  return JSON.parse(Buffer.from(await blobs.get(input_hash)).toString());
}

const mine = ({ bench, taken }: Course) => ({
  ...{ job: taken.id, token: taken.token, worker: bench.worker },
});

async function tell({ bench, taken }: Course, message: ToDriver): Promise<void> {
  await post(bench.client, bench.keys.inbox(driverOf(taken.id)), message);
}

/** What the driver has by that hash: from this worker's folder, the server, or the driver itself. */
async function getBytes(course: Course, hash: string): Promise<Uint8Array> {
  const { freight, keys, cache } = course.bench;
  const name = keys.supply(hash);
  return await cache.get(hash, async () => {
    const found = await freight.get(name);
    if (found) return verified(hash, found);
    const there = await ask(course, { is: "wants", hash });
    return verified(hash, there === true ? await freight.get(name) : undefined);
  });
}

async function putResult({ bench, taken }: Course, bytes: Uint8Array): Promise<string> {
  const clean = redactBytes(bytes);
  const hash = sha256(clean);
  await bench.freight.put(bench.keys.result(taken.token, hash), clean);
  return hash;
}

type Question =
  | { readonly is: "asked"; readonly topic: string; readonly body: Json }
  | { readonly is: "wants"; readonly hash: string };

async function ask(course: Course, question: Question): Promise<Json> {
  const number = ++asked;
  const answer = Promise.withResolvers<Json>();
  const { fenced, bench } = course;
  const stop = AbortSignal.any([fenced, bench.signal]);
  const leave = () => answer.reject(stop.reason);
  stop.throwIfAborted();
  stop.addEventListener("abort", leave, { once: true });
  course.open.set(number, answer);
  const put = () => tell(course, { ...question, ...mine(course), ask: number });
  const again = setInterval(() => put().catch(answer.reject), ASK_AGAIN_MS);
  try {
    await put();
    return await answer.promise;
  } finally {
    clearInterval(again);
    stop.removeEventListener("abort", leave);
    course.open.delete(number);
  }
}

/** Says what the delivery has cost, for whoever keeps the ledger. */
async function lose({ bench, taken, progress }: Course): Promise<void> {
  const data = jobData.safeParse(taken.data).data;
  if (progress === undefined || data === undefined) return;
  const { kind, unit, claim, owner } = data;
  const { worker, client, keys } = bench;
  const of = { kind, unit, claim, owner, worker, token: taken.token };
  await post(client, keys.lost, { ...of, progress });
}
