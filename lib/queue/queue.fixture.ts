// Owns drivers and workers for tests: a trivial kind of work, and both ends of a queue in one process.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { UnitProgress } from "../../db/schema.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { Delivered, Errand, Json, Parcel, Site } from "../errands/errand.ts";
import { type DriverOptions, openDriver } from "./driver.ts";
import { runWorker, type WorkerOptions } from "./worker.ts";
import type { WorkerEvent } from "./worker-events.ts";

const input = z.object({
  text: z.string(),
  /** A hash among the parcel's bytes. */
  more: z.string().optional(),
  ms: z.number().default(0),
  asks: z.array(z.json()).default([]),
  throws: z.string().optional(),
  image: z.string().optional(),
  cost_usd: z.number().optional(),
});
type Input = z.input<typeof input>;
const output = z.object({ text: z.string(), answers: z.array(z.json()), shouted: z.string() });
type Output = z.infer<typeof output>;

export const costs = (cost_usd: number): UnitProgress => ({
  ...{ doing: "shouting", cost_usd, tokens: 1, agents: [] },
});

/** Gives its text back in capitals, after a while; bytes of its result are the same a thousand times. */
export const shout: Errand<Input, Output> = {
  kind: "shout",
  input,
  output,
  image: ({ image }) => image,
  async perform(given, site) {
    const { text, more, ms, asks, throws, cost_usd } = input.parse(given);
    if (cost_usd !== undefined) site.say(costs(cost_usd));
    const whole = text + (more ? Buffer.from(await site.blobs.get(more)).toString() : "");
    const answers: Json[] = [];
    for (const body of asks) answers.push(await site.ask("echo", body));
    const until = performance.now() + ms;
    while (performance.now() < until) {
      site.signal.throwIfAborted();
      await Bun.sleep(10);
    }
    if (throws !== undefined) throw new Error(throws);
    const loud = whole.toUpperCase();
    return { text: loud, answers, shouted: await site.blobs.put(Buffer.from(loud.repeat(1_000))) };
  },
};

async function perform(_kind: string, given: Json, site: Site): Promise<Json> {
  return await shout.perform(shout.input.parse(given), site);
}

type Sent = Input & {
  readonly unit?: string;
  readonly claim?: number;
  readonly signal?: AbortSignal;
};

/** One queue, and who is at its ends; all of them end with the scope. */
export function testQueue(url: string, settings: Partial<DriverOptions> = {}) {
  const ends = new AsyncDisposableStack();
  const folder = temporaryFolder("tandem-queue");
  ends.defer(() => folder[Symbol.dispose]());
  const queue = settings.queue ?? `q${randomBytes(4).toString("hex")}`;
  return {
    queue,
    async driver(more: Partial<DriverOptions> = {}) {
      const driver = await openDriver({
        ...{ url, queue, ledger: "one", silence_ms: 1_000, artifacts: null },
        ...settings,
        ...more,
      });
      ends.use(driver);
      return {
        ...driver,
        send(
          { unit = "u", claim = 1, signal, ...given }: Sent,
          offers: Partial<Parcel<Input>> = {},
        ): Promise<Delivered<Output>> {
          return driver.send(shout, {
            ...{ unit, claim, input: given, bytes: new Map() },
            signal: signal ?? new AbortController().signal,
            on_progress: () => undefined,
            on_delivery: () => undefined,
            answer: async (topic, body) => `${topic} ${JSON.stringify(body)}`,
            ...offers,
          });
        },
      };
    },
    worker(more: Partial<WorkerOptions> = {}) {
      const [stop, drain] = [new AbortController(), new AbortController()];
      const events: WorkerEvent[] = [];
      const done = runWorker({
        ...{ url, queue, slots: 2, perform, images: async () => [] },
        workshop: {
          folder: join(folder.path, randomBytes(4).toString("hex")),
          sandboxes: () => Promise.reject(new Error("no sandbox is needed")),
          share: () => Promise.reject(new Error("nothing is shared")),
        },
        ...{ signal: stop.signal, drain: drain.signal },
        on_event: (event) => events.push(event),
        ...more,
      });
      done.catch(() => undefined);
      ends.defer(async () => {
        stop.abort(new Error("stopped"));
        await done.catch(() => undefined);
      });
      return {
        done,
        events,
        stop: () => stop.abort(new Error("stopped")),
        drain: () => drain.abort(),
      };
    },
    [Symbol.asyncDispose]: async () => await ends.disposeAsync(),
  };
}
