// Owns taking units: waiting for one, and looking first into the lanes of images that the machine has.
import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import { type Bench, begin, type Delivery } from "./delivery.ts";
import type { QueueKeys } from "./keys.ts";
import type { Lane, Taken } from "./lane.ts";
import type { Report } from "./report.ts";
import type { Server } from "./server.ts";
import type { WorkerEvent } from "./worker-events.ts";

/** Opens each lane once. */
export type Lanes = (name: string, image: string) => Lane;

export function laneKeeper(open: Lanes): Lanes {
  const lanes = new Map<string, Lane>();
  return (name, image) => {
    const lane = lanes.get(name) ?? open(name, image);
    lanes.set(name, lane);
    return lane;
  };
}

/** A unit may be waiting without a sign: a worker before us may have died after it saw it. */
const LOOK_ANYWAY_S = 2;
const LANES_MS = 2_000;
const AGAIN_MS = 500;

export type Taker = {
  /** The next unit, after a wait of a few seconds at most. */
  readonly next: () => Promise<Taken | undefined>;
};
type Where = {
  readonly server: Server;
  readonly keys: QueueKeys;
  readonly lanes: Lanes;
  readonly images: () => ReadonlySet<string>;
  /** Ends a wait. */
  readonly signal: AbortSignal;
};

export function openTaker({ server, keys, lanes, images, signal }: Where): Taker {
  const { client } = server;
  const blocking = server.blocking();
  signal.addEventListener("abort", () => blocking.disconnect(), { once: true });
  const known = laneList(client, keys);
  let found = false;
  const look = async () => {
    for (const lane of await inOrder(await known(lanes), images())) {
      const taken = await lane.take(randomBytes(8).toString("hex"));
      if (taken) return taken;
    }
    return undefined;
  };
  return {
    async next() {
      try {
        if (found) await client.lpop(keys.bell);
        else await blocking.blpop(keys.bell, LOOK_ANYWAY_S);
        const taken = await look();
        found = taken !== undefined;
        return taken;
      } catch {
        // The connection broke: it comes back by itself, unless it was closed.
        if (!signal.aborted) await Bun.sleep(AGAIN_MS);
        return undefined;
      }
    },
  };
}

/** Read again every few seconds: lanes come with images. */
function laneList(client: Redis, keys: QueueKeys) {
  let read: { readonly at: number; readonly lanes: readonly Lane[] } | undefined;
  return async (lanes: Lanes): Promise<readonly Lane[]> => {
    if (read && read.lanes.length > 0 && performance.now() - read.at < LANES_MS) return read.lanes;
    const all = Object.entries(await client.hgetall(keys.lanes));
    read = { at: performance.now(), lanes: all.map(([name, image]) => lanes(name, image)) };
    return read.lanes;
  };
}

/** Lanes with units that need no image, or one of these, first; then where most wait. */
async function inOrder(
  lanes: readonly Lane[],
  images: ReadonlySet<string>,
): Promise<readonly Lane[]> {
  if (lanes.length < 2) return lanes;
  const counted = await Promise.all(
    lanes.map(async (lane) => ({ lane, waiting: await lane.waiting() })),
  );
  const near = ({ image }: Lane) => (image === "" || images.has(image) ? 0 : 1);
  return counted
    .filter(({ waiting }) => waiting > 0)
    .sort((a, b) => near(a.lane) - near(b.lane) || b.waiting - a.waiting)
    .map(({ lane }) => lane);
}

type Floor = {
  readonly bench: Bench;
  readonly held: Map<string, Delivery>;
  readonly slots: number;
  readonly taker: Taker;
  readonly report: Report;
  /** Nothing more is taken once it aborts. */
  readonly signal: AbortSignal;
  readonly on_event: (event: WorkerEvent) => void;
};

/** Takes units while there is room, until the signal aborts. */
export async function takeOn(floor: Floor): Promise<void> {
  const { bench, held, slots, taker, signal } = floor;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  while (!signal.aborted) {
    if (held.size >= slots) {
      await Promise.race([stopped, ...[...held.values()].map(({ over }) => over)]);
      continue;
    }
    const taken = await taker.next();
    if (taken === undefined) continue;
    const delivery = begin(bench, taken);
    held.set(taken.id, delivery);
    void tend(floor, delivery);
  }
}

async function tend({ held, report, on_event }: Floor, { taken, over }: Delivery): Promise<void> {
  const [unit = ""] = taken.id.split("@");
  on_event({ is: "took", unit });
  report.busy(held.size);
  const fault = await over;
  held.delete(taken.id);
  report.finished(held.size, fault);
  on_event({ is: "done", unit, ...(fault ? { fault: `${fault.code}: ${fault.message}` } : {}) });
}
