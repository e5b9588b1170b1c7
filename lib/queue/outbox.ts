// Owns a driver's parcels on their way, as jobs: adding them, taking their results, calling them back.
import type { Redis } from "ioredis";
import type { UnitProgress } from "../../db/schema.ts";
import type { Parcel } from "../errands/errand.ts";
import type { Freight } from "./bucket.ts";
import type { QueueKeys } from "./keys.ts";
import type { Lane } from "./lane.ts";
import {
  type JobData,
  type JobResult,
  jobResult,
  type LostDelivery,
  parsed,
  post,
  type ToWorker,
} from "./messages.ts";

/** A parcel that was sent and has not come back. */
export type Pending = {
  readonly id: string;
  readonly lane: Lane;
  readonly data: JobData;
  readonly parcel: Pick<Parcel<unknown>, "on_progress" | "on_delivery" | "answer">;
  /** All that its input names by hash, and the input itself where it is large. */
  readonly bytes: Parcel<unknown>["bytes"];
  /** By token, the last is the current one. */
  readonly deliveries: Map<string, Delivery>;
  /** By token and number of the question: one that is asked again is answered the same. */
  readonly answers: Map<string, Promise<ToWorker>>;
  readonly done: PromiseWithResolvers<JobResult>;
};
type Delivery = { readonly worker: string; progress?: UnitProgress };

export type Outbox = {
  readonly client: Redis;
  readonly keys: QueueKeys;
  readonly freight: Freight;
  /** This driver's name among those of the queue. */
  readonly driver: string;
  readonly openLane: (name: string, image: string) => Lane;
  readonly lanes: Map<string, Lane>;
  readonly pending: Map<string, Pending>;
  /** Tokens of the deliveries whose results count. */
  readonly accepted: Set<string>;
  readonly on_lost: (lost: LostDelivery) => void;
};

/** The lane of an image, which workers that have it look into first. */
export async function laneFor(box: Outbox, image: string | undefined): Promise<Lane> {
  const name = box.keys.lane(image);
  const known = box.lanes.get(name);
  if (known) return known;
  const lane = box.openLane(name, image ?? "");
  box.lanes.set(name, lane);
  await box.client.hset(box.keys.lanes, name, image ?? "");
  return lane;
}

/** Adds its job, unless the server has it. */
export async function add({ client, keys }: Outbox, { lane, id, data }: Pending): Promise<void> {
  await Promise.all([lane.add(id, data), client.rpush(keys.bell, 1)]);
}

/** Takes the result of a job that has one. */
export async function settle(box: Outbox, one: Pending): Promise<void> {
  const result = parsed(jobResult, await one.lane.resultOf(one.id));
  if (result === undefined || !box.pending.delete(one.id)) return;
  box.accepted.add(result.token);
  loseBut(box, one, result.token);
  const { token, worker } = result;
  // Its first word may have been lost with the server's memory.
  if (!one.deliveries.has(token)) one.parcel.on_delivery({ worker, delivery: token });
  one.done.resolve(result);
  await one.lane.remove(one.id);
}

/** Removes a job, or tells its worker to leave it. */
export async function recall(box: Outbox, one: Pending): Promise<void> {
  box.pending.delete(one.id);
  if (await one.lane.remove(one.id)) return;
  for (const { worker } of one.deliveries.values())
    await tellWorker(box, worker, { is: "recall", job: one.id });
}

export async function tellWorker({ client, keys }: Outbox, worker: string, message: ToWorker) {
  await post(client, keys.inbox(worker), message);
}

/** Reports what all deliveries but one have cost. */
export function loseBut(box: Outbox, one: Pending, token: string): void {
  for (const [other, { worker, progress }] of one.deliveries)
    if (other !== token && progress) box.on_lost(lostOf(one, { token: other, worker, progress }));
}

export function lostOf(
  { data: { kind, unit, claim, owner } }: Pending,
  one: { readonly token: string; readonly worker: string; readonly progress: UnitProgress },
): LostDelivery {
  return { kind, unit, claim, owner, ...one };
}
