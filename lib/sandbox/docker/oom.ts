// Owns hearing of out-of-memory kills: one subscription to the engine's events for all sandboxes of a backend.
import type { Readable } from "node:stream";
import { thisOwner } from "../../core/owner.ts";
import type { Engine } from "./engine.ts";
import { jsonLines } from "./progress.ts";

/** The kills of one container so far. The engine's own flag covers the first process only, hence events. */
export type OomCount = Disposable & {
  readonly count: number;
  /** Waits for the next kill, but no longer than `wait_ms`: an event may come after the command's end. */
  next(wait_ms: number): Promise<void>;
};
export type OomWatch = {
  /** Starts counting for a container; the subscription lasts while anybody counts. */
  join(containerId: string): Promise<OomCount>;
};

type Entry = { count: number; waiting: (() => void)[] };

export function openOomWatch(engine: Engine): OomWatch {
  const entries = new Map<string, Entry>();
  let stream: Promise<Readable> | undefined;
  const close = () => {
    stream?.then((events) => events.destroy()).catch(() => undefined);
    stream = undefined;
  };
  const subscribe = () => {
    const opening = openEvents(
      engine,
      (id) => count(entries.get(id)),
      () => {
        if (stream === opening) stream = undefined;
      },
    );
    return opening;
  };
  return {
    async join(containerId) {
      const entry: Entry = { count: 0, waiting: [] };
      entries.set(containerId, entry);
      const leave = () => {
        entries.delete(containerId);
        if (entries.size === 0) close();
      };
      try {
        stream ??= subscribe();
        await stream;
      } catch (error) {
        stream = undefined;
        leave();
        throw error;
      }
      return {
        get count() {
          return entry.count;
        },
        next: (wait_ms) => nextOf(entry, wait_ms),
        [Symbol.dispose]: leave,
      };
    },
  };
}

function count(entry: Entry | undefined): void {
  if (!entry) return;
  entry.count++;
  for (const wake of entry.waiting.splice(0)) wake();
}

async function nextOf(entry: Entry, wait_ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, wait_ms);
    entry.waiting.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function openEvents(
  engine: Engine,
  onOom: (containerId: string) => void,
  onEnd: () => void,
): Promise<Readable> {
  const filters = { type: ["container"], event: ["oom"], label: [`tandem.owner=${thisOwner()}`] };
  const events = await engine.call("subscribing to events", async (docker) => {
    const stream = await docker.getEvents({ filters: JSON.stringify(filters) });
    return stream as Readable;
  });
  const listen = async () => {
    for await (const event of jsonLines(events)) if (typeof event.id === "string") onOom(event.id);
  };
  // A subscription that breaks is opened again by the next sandbox; if the engine is gone, commands will say so.
  listen()
    .catch(() => undefined)
    .finally(onEnd);
  return events;
}
