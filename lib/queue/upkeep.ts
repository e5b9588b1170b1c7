// Owns what a worker does beside its units: it renews their locks, leaves those that nobody waits for, and reports.
import type { Bench, Delivery } from "./delivery.ts";
import { settingsOf, unfit } from "./join.ts";
import { driverOf } from "./keys.ts";
import type { Report } from "./report.ts";

const LONGEST_MS = 5_000;
/** So many looks in a row must find a driver silent. */
const LOOKS = 3;

type Upkeep = {
  readonly bench: Bench;
  readonly held: ReadonlyMap<string, Delivery>;
  readonly lock_ms: number;
  readonly report: Report;
  readonly queue: string;
  /** The driver has other versions or rules by now. */
  readonly on_unfit: (why: string) => void;
};

export function keepUp(upkeep: Upkeep): Disposable {
  const silent = new Map<string, number>();
  let under_way: Promise<unknown> = Promise.resolve();
  const all = async () => {
    await renew(upkeep);
    await leaveOrphans(upkeep, silent);
    await checkTerms(upkeep);
    await upkeep.report.say();
  };
  const look = () => {
    // What fails is done again at the next look; a server that is away holds all of it up.
    under_way = under_way.then(all).catch(() => undefined);
  };
  look();
  const timer = setInterval(look, Math.min(LONGEST_MS, upkeep.lock_ms / 4));
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function renew({ held }: Upkeep): Promise<void> {
  const byLane = Map.groupBy(held.values(), ({ taken: { lane } }) => lane);
  for (const [lane, all] of byLane) {
    const lost = new Set(await lane.renew(all.map(({ taken }) => taken)));
    for (const one of all)
      if (lost.has(one.taken.id)) one.fence("the unit was given to another worker meanwhile");
  }
}

/** Nobody takes the results of a driver that is dead. */
async function leaveOrphans(
  { bench: { client, keys }, held }: Upkeep,
  silent: Map<string, number>,
): Promise<void> {
  const byDriver = Map.groupBy(held.values(), ({ taken }) => driverOf(taken.id));
  for (const [driver, all] of byDriver) {
    const there = (await client.exists(keys.driver(driver))) === 1;
    const looks = there ? 0 : (silent.get(driver) ?? 0) + 1;
    silent.set(driver, looks);
    if (looks >= LOOKS) for (const one of all) one.fence("whoever waits for the unit is gone");
  }
}

async function checkTerms({ bench: { client }, queue, on_unfit }: Upkeep): Promise<void> {
  const settings = await settingsOf(client, queue);
  const why = settings && unfit({ queue, settings });
  if (why !== undefined) on_unfit(why);
}
