// Owns the library that keeps jobs on Redis: one lane of a queue, and the few things that are done to jobs there.
import type { Job } from "bullmq";
import type { Redis } from "ioredis";

/** How often a unit may lose its worker before it is given up. */
const MOST_STALLS = 3;
/** Nobody reads the library's own events. */
const EVENTS = 100;

export type Lane = {
  readonly name: string;
  /** The image that its jobs need; empty for those that need none. */
  readonly image: string;
  /** Adds a job; one whose id is known stays as it is. */
  readonly add: (id: string, data: object) => Promise<void>;
  readonly waiting: () => Promise<number>;
  /** The next job, locked under the token; undefined when none waits. */
  readonly take: (token: string) => Promise<Taken | undefined>;
  /** Renews the locks of jobs; returns the ids of those that are no longer this token's. */
  readonly renew: (held: readonly Pick<Taken, "id" | "token">[]) => Promise<readonly string[]>;
  /** Removes a job that is not being worked on, or is done; false for another. */
  readonly remove: (id: string) => Promise<boolean>;
  /** The stored result of a job as JSON; undefined while it has none, or when there is no such job. */
  readonly resultOf: (id: string) => Promise<string | undefined>;
  /** What a job is, as JSON. */
  readonly dataOf: (id: string) => Promise<string | undefined>;
  readonly known: (ids: readonly string[]) => Promise<readonly boolean[]>;
  /** Ids of jobs with a result, oldest first. */
  readonly finished: (most: number) => Promise<readonly string[]>;
  /** Puts jobs back whose worker has let the lock run out; returns how many. Found at one call, put back at the next. */
  readonly putBack: () => Promise<number>;
  /** Lets what is left of an unused lane go after a day. */
  readonly leave: () => Promise<void>;
};
/** A job in a worker's hands. */
export type Taken = {
  readonly lane: Lane;
  readonly id: string;
  readonly token: string;
  readonly data: unknown;
  /** It has lost its workers too often. */
  readonly given_up: boolean;
  /** Stores the result, if the lock is still this token's; returns whether it was. */
  readonly complete: (result: object) => Promise<boolean>;
  /** Puts it back for others; returns whether the lock was still this token's. */
  readonly giveBack: () => Promise<boolean>;
};
type Options = {
  readonly client: Redis;
  readonly prefix: string;
  /** A lock that is not renewed for so long is lost. */
  readonly lock_ms: number;
};

/** Opens lanes by name; they share the client. */
export async function openLanes({ client, prefix, lock_ms }: Options) {
  const { Queue, Worker, createRedisBackend } = await import("bullmq");
  const options = {
    ...{ connection: client, prefix, skipVersionCheck: true, skipMetasUpdate: true },
    ...{ lockDuration: lock_ms, stalledInterval: lock_ms / 2, maxStalledCount: MOST_STALLS },
    ...{ autorun: false, skipLockRenewal: true, streams: { events: { maxLen: EVENTS } } },
  };
  // No connection for blocking calls: workers wait at the queue's bell.
  const backend = (name: string) => createRedisBackend(name, options);
  const open = (name: string, image: string): Lane => {
    const queue = new Queue<object>(name, options);
    const worker = new Worker<object, object>(name, null, options, backend);
    // Their client connects again by itself.
    queue.on("error", () => undefined);
    worker.on("error", () => undefined);
    const inside = worker.getBackend();
    const key = (id: string) => queue.toKey(id);
    const lane: Lane = {
      name,
      image,
      async add(id, data) {
        await queue.add("unit", data, { jobId: id, attempts: 1 });
      },
      waiting: async () => await client.llen(key("wait")),
      async take(token) {
        const job = await worker.getNextJob(token, { block: false });
        const back = async (id: string) => await inside.moveJobFromActiveToWait(id, token);
        return job && { lane, ...taken(job, token, back) };
      },
      async renew(held) {
        const ids = held.map(({ id }) => id);
        const tokens = held.map(({ token }) => token);
        return await worker.extendJobLocks(ids, tokens, lock_ms);
      },
      remove: async (id) => (await inside.remove(id, false)) === 1,
      resultOf: async (id) => (await client.hget(key(id), "returnvalue")) ?? undefined,
      dataOf: async (id) => (await client.hget(key(id), "data")) ?? undefined,
      async known(ids) {
        const pipe = client.pipeline();
        for (const id of ids) pipe.exists(key(id));
        const answers = (await pipe.exec()) ?? [];
        return answers.map(([error, found]) => {
          if (error) throw error;
          return found === 1;
        });
      },
      finished: async (most) => await client.zrange(key("completed"), 0, String(most - 1)),
      putBack: async () => (await inside.moveStalledJobsToWait()).length,
      async leave() {
        const names = ["meta", "events", "id", "marker", "stalled", "stalled-check"];
        await Promise.all(names.map((name) => client.expire(key(name), DAY_S)));
      },
    };
    return lane;
  };
  return open;
}

const DAY_S = 86_400;

function taken(
  job: Job<object, object>,
  token: string,
  back: (id: string) => Promise<unknown>,
): Omit<Taken, "lane"> {
  const id = job.id ?? "";
  return {
    id,
    token,
    data: job.data,
    given_up: job.deferredFailure !== undefined && job.deferredFailure !== "",
    complete: async (result) => await whileOwn(job.moveToCompleted(result, token, false)),
    giveBack: async () => await whileOwn(back(id)),
  };
}

/** Whether something was done under a lock, which may be lost. */
async function whileOwn(act: Promise<unknown>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && LOST_LOCK.has(error.code)) return false;
    throw error;
  }
}

/** The library's codes for a job that is gone, a lock that is gone, a job that is not active, a lock of another. */
const LOST_LOCK = new Set<unknown>([-1, -2, -3, -6]);
