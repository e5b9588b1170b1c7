// Owns what drivers and workers write to each other beside the jobs: parsed when it is read, redacted when it is written.
import type { Redis } from "ioredis";
import { z } from "zod";
import { redactDeep } from "../core/redact.ts";
import { unitProgress } from "../core/unit-progress.ts";
import { carriedFault } from "../errands/carry.ts";
import { termsOf } from "./terms.ts";

/** What a job is: an errand, whose input is here or among the driver's bytes. */
export const jobData = z.object({
  kind: z.string(),
  unit: z.string(),
  claim: z.number(),
  /** The process that claimed it. */
  owner: z.string(),
  input: z.json().exactOptional(),
  input_hash: z.string().exactOptional(),
});
export type JobData = z.infer<typeof jobData>;

/** What completing a job stores: whose delivery it was, what it cost, and the result or its hash. */
export const jobResult = z.object({
  token: z.string(),
  worker: z.string(),
  progress: unitProgress.nullable(),
  fault: carriedFault.exactOptional(),
  output: z.json().exactOptional(),
  output_hash: z.string().exactOptional(),
});
export type JobResult = z.infer<typeof jobResult>;

/** A delivery of a job: the token is its own. */
const delivery = { job: z.string(), token: z.string(), worker: z.string() };
const question = { ...delivery, ask: z.number() };

export const toDriver = z.discriminatedUnion("is", [
  z.object({ is: z.literal("took"), ...delivery }),
  z.object({ is: z.literal("said"), ...delivery, progress: unitProgress }),
  z.object({ is: z.literal("asked"), ...question, topic: z.string(), body: z.json() }),
  z.object({ is: z.literal("wants"), ...question, hash: z.string() }),
  z.object({ is: z.literal("ended"), job: z.string() }),
]);
export type ToDriver = z.infer<typeof toDriver>;

export const toWorker = z.discriminatedUnion("is", [
  z.object({ is: z.literal("answer"), ask: z.number(), body: z.json() }),
  z.object({ is: z.literal("refusal"), ask: z.number(), fault: carriedFault }),
  z.object({ is: z.literal("recall"), job: z.string() }),
  z.object({ is: z.literal("drain") }),
]);
export type ToWorker = z.infer<typeof toWorker>;

/** What a delivery had cost whose result nobody takes. */
export const lostDelivery = z.object({
  kind: z.string(),
  unit: z.string(),
  claim: z.number(),
  owner: z.string(),
  token: z.string(),
  worker: z.string(),
  progress: unitProgress,
});
export type LostDelivery = z.infer<typeof lostDelivery>;

/** What a driver says of its queue. */
export const settings = z.object({
  terms: termsOf,
  /** Whose queue it is: one ledger's. */
  ledger: z.string(),
  driver: z.string(),
  /** A worker that is silent for so long has lost its units. */
  silence_ms: z.number(),
  /** Where results go that are too large, `s3://bucket/prefix`; null: nowhere. */
  artifacts: z.string().nullable(),
});
export type QueueSettings = z.infer<typeof settings>;

/** What a worker says of itself, again and again. */
export const workerReport = z.object({
  name: z.string(),
  host: z.string(),
  pid: z.number(),
  version: z.string(),
  slots: z.number(),
  busy: z.number(),
  units: z.number(),
  images: z.array(z.string()),
  faults: z.array(
    z.object({ code: z.string(), count: z.number(), message: z.string(), last_at: z.string() }),
  ),
  state: z.enum(["running", "draining", "refused"]),
  note: z.string().nullable(),
  started_at: z.string(),
  /** Goes up with every report. */
  beat: z.number(),
});
export type WorkerReport = z.infer<typeof workerReport>;

const UNREAD_S = 3_600;

/** Adds messages to a list that is forgotten when nobody reads it for an hour. */
export async function post(client: Redis, inbox: string, ...messages: readonly object[]) {
  const texts = messages.map((message) => JSON.stringify(redactDeep(message)));
  await Promise.all([client.rpush(inbox, ...texts), client.expire(inbox, UNREAD_S)]);
}

const WAIT_S = 5;
const MOST = 500;

/** Reads messages of a list as they come, until the signal aborts or the connection is closed. What is not one is left out. */
export async function readPost<Schema extends z.ZodType>(
  { client, blocking }: { readonly client: Redis; readonly blocking: Redis },
  { inbox, schema, signal }: { inbox: string; schema: Schema; signal: AbortSignal },
  on_message: (message: z.infer<Schema>) => void,
): Promise<void> {
  while (!signal.aborted) {
    const first = await blocking.blpop(inbox, WAIT_S).catch(() => undefined);
    if (signal.aborted) return;
    if (first === undefined) await Bun.sleep(AGAIN_MS);
    if (!first) continue;
    const more = (await client.lpop(inbox, MOST).catch(() => null)) ?? [];
    for (const text of [first[1], ...more]) {
      const message = parsed(schema, text);
      if (message !== undefined) on_message(message);
    }
  }
}

const AGAIN_MS = 200;

/** A text as what it should be; undefined for another, which a driver or worker of other terms may have written. */
export function parsed<Schema extends z.ZodType>(
  schema: Schema,
  text: string | null | undefined,
): z.infer<Schema> | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
