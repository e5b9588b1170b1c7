// Owns a worker: takes units of one queue as long as it has room, keeps their locks, and says how it is.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import type { Workshop } from "../errands/errand.ts";
import { openByteCache } from "./byte-cache.ts";
import type { Bench, Delivery, Perform } from "./delivery.ts";
import { openFreight } from "./freight.ts";
import { type Joined, joinQueue, unfit } from "./join.ts";
import { keysOf } from "./keys.ts";
import { openLanes } from "./lane.ts";
import { readPost, toWorker } from "./messages.ts";
import { openReport, type Report } from "./report.ts";
import { openServer, refusal, type Server } from "./server.ts";
import { laneKeeper, openTaker, takeOn } from "./taking.ts";
import { termsTag } from "./terms.ts";
import { keepUp } from "./upkeep.ts";
import type { WorkerEvent } from "./worker-events.ts";

export type WorkerOptions = {
  readonly url: string;
  /** The only one of the server when absent. */
  readonly queue?: string | undefined;
  readonly name?: string | undefined;
  /** Units at a time. */
  readonly slots: number;
  /** `s3://bucket/prefix`; the driver's when absent. */
  readonly artifacts?: string | undefined;
  readonly perform: Perform;
  readonly workshop: Workshop;
  /** Names of images that the machine has. */
  readonly images: () => Promise<readonly string[]>;
  /** Leaves everything at once: units go back to the queue. */
  readonly signal: AbortSignal;
  /** Finishes what is under way, and takes nothing more. */
  readonly drain: AbortSignal;
  readonly on_event: (event: WorkerEvent) => void;
};
/**
 * Works until it is drained or stopped; returns how many units it has done. Throws UsageError for an address that cannot be
 * used and for a queue whose driver has other versions or rules, Fault `queue_gone` when no server answers.
 */
export async function runWorker(options: WorkerOptions): Promise<number> {
  await using server = await openServer(options.url);
  const { drain, signal, on_event } = options;
  const { queue } = options;
  const joined = await joinQueue(server.client, {
    ...{ queue, signal: AbortSignal.any([drain, signal]) },
    on_wait: () => on_event({ is: "waiting" }),
  }).catch((error: unknown) => {
    throw refusal(server, error);
  });
  if (joined === undefined) return 0;
  const { name = `${hostname()}-${process.pid}` } = options;
  const id = `${name}-${randomBytes(4).toString("hex")}`.replace(/[^\w-]/g, "_");
  const keys = keysOf(joined.queue, termsTag(joined.settings.terms));
  const report = openReport(server.client, keys.workers, { ...options, id });
  const why = unfit(joined);
  if (why !== undefined) {
    await report.say({ state: "refused", note: why });
    throw new UsageError(why);
  }
  on_event({ is: "joined", queue: joined.queue, place: server.place });
  try {
    return await takeUnits(options, { server, joined, id, report });
  } finally {
    await report.end();
  }
}

type Around = {
  readonly server: Server;
  readonly joined: Joined;
  readonly id: string;
  readonly report: Report;
};

async function takeUnits(options: WorkerOptions, around: Around): Promise<number> {
  const { server, joined, id, report } = around;
  const { client } = server;
  const { silence_ms: lock_ms, artifacts, terms } = joined.settings;
  const keys = keysOf(joined.queue, termsTag(terms));
  const bench: Bench = {
    ...{ client, keys, worker: id, perform: options.perform, signal: options.signal },
    freight: openFreight(client, options.artifacts ?? artifacts),
    cache: openByteCache(join(options.workshop.folder, "bytes")),
    workshop: options.workshop,
  };
  const openLane = await openLanes({ client, prefix: keys.prefix, lock_ms });
  const lanes = laneKeeper(openLane);
  const held = new Map<string, Delivery>();
  const asked = new AbortController();
  const signal = AbortSignal.any([options.drain, options.signal, asked.signal]);
  const closed = new AbortController();
  const mail = { inbox: keys.inbox(id), schema: toWorker, signal: closed.signal };
  void readPost({ client, blocking: server.blocking() }, mail, (message) => {
    if (message.is === "drain") asked.abort();
    else if (message.is === "recall") held.get(message.job)?.fence("the unit was called back");
    else for (const one of held.values()) one.heard(message);
  });
  using _upkeep = keepUp({
    ...{ bench, held, lock_ms, report, queue: joined.queue },
    on_unfit: (why) => asked.abort(new UsageError(why)),
  });
  const drained = () => {
    options.on_event({ is: "draining" });
    // Said again with the next report.
    report.say({ state: "draining" }).catch(() => undefined);
  };
  signal.addEventListener("abort", drained, { once: true });
  const taker = openTaker({ server, keys, lanes, images: report.images, signal });
  await takeOn({ ...options, bench, held, report, signal, taker });
  await Promise.all([...held.values()].map(({ over }) => over));
  closed.abort();
  if (asked.signal.reason instanceof UsageError) throw asked.signal.reason;
  return report.units();
}
