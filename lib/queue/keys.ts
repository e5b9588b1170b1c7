// Owns the names under which a queue is kept on a Redis server: all begin with the queue's own, so that a server's user can be confined to it.
import { sha256 } from "../core/files.ts";

/** Drivers name their queue here, for workers that were told none. */
export const QUEUES = "tandem:queues";
const LONGEST = 64;

/** A study's or a run's name as the name of its queue: letters, digits, `.`, `_` and `-`. */
export function queueName(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "_");
  if (plain === name && name.length <= LONGEST) return name;
  return `${plain.slice(0, LONGEST - 9)}-${sha256(name).slice(0, 8)}`;
}

/** Every key of a queue. `terms` is what drivers and workers must agree on: others meet nothing of theirs. */
export function keysOf(queue: string, terms: string) {
  const prefix = `tandem:${queue}`;
  return {
    /** Begins every name, as in an access rule `~tandem:NAME:*`. */
    prefix,
    settings: `${prefix}:settings`,
    workers: `${prefix}:workers`,
    /** What deliveries had cost whose result nobody takes. */
    lost: `${prefix}:lost`,
    /** One entry for each unit that was added: who waits for it, looks for a unit. */
    bell: `${prefix}:${terms}:bell`,
    /** Lane by image. */
    lanes: `${prefix}:${terms}:lanes`,
    /** Drivers, and the process that each is. */
    drivers: `${prefix}:drivers`,
    driver: (driver: string) => `${prefix}:driver:${driver}`,
    inbox: (who: string) => `${prefix}:inbox:${who}`,
    /** Bytes that drivers hand out, by hash. */
    supply: (hash: string) => `${prefix}:supply:${hash}`,
    /** Bytes of one delivery's result. */
    result: (token: string, hash: string) => `${prefix}:result:${token}:${hash}`,
    /** The library's own names follow `prefix` with this. */
    lane: (image: string | undefined) =>
      `${terms}.${image === undefined ? "any" : sha256(image).slice(0, 12)}`,
  };
}
export type QueueKeys = ReturnType<typeof keysOf>;

/** A job's id: the unit's key and its claim's number, and which sending of which driver it is. */
export function jobId(one: {
  readonly unit: string;
  readonly claim: number;
  readonly driver: string;
  readonly sending: number;
}): string {
  // The library refuses colons in ids.
  const unit = one.unit.replaceAll("%", "%25").replaceAll(":", "%3A");
  return `${unit}@${one.claim}@${one.driver}.${one.sending}`;
}

/** The driver that a job is of. */
export function driverOf(job_id: string): string {
  return /@([^@.]+)\.\d+$/.exec(job_id)?.[1] ?? "";
}
