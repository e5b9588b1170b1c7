// Owns the engine's place that is a queue: what workers say of themselves, and what they lose, goes into the ledger.
import { statSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { WorkUnit } from "../../db/work.ts";
import { asFault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { thisOwner } from "../core/owner.ts";
import { HERE, type Place } from "../engine/place.ts";
import { patiently } from "../work/patience.ts";
import { type DriverOptions, openDriver } from "./driver.ts";
import type { LostDelivery } from "./messages.ts";
import type { SeenWorker } from "./workers.ts";

export type QueuePlaceOptions = Pick<
  DriverOptions,
  "url" | "queue" | "silence_ms" | "artifacts"
> & {
  readonly ledger: Ledger;
};

/**
 * Opens a queue for a ledger's units. Throws UsageError for an address that cannot be used and for a queue of another ledger,
 * Fault `queue_gone` when no server answers.
 */
export async function openQueuePlace(options: QueuePlaceOptions): Promise<Place & AsyncDisposable> {
  const { ledger, queue } = options;
  const keep = keepWorkers(ledger, queue);
  const driver = await openDriver({
    ...options,
    ledger: identityOf(ledger),
    on_lost: (lost) => keepLost(ledger, lost),
    on_workers: keep,
  });
  return {
    ...HERE,
    name: "queue",
    send: driver.send,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      // Workers wait for the next driver, and nobody listens to them here.
      keep([]);
    },
  };
}

/** Another file, or one that was made anew in its place, is another ledger. */
function identityOf({ path }: Pick<Ledger, "path">): string {
  if (path === ":memory:") return sha256(thisOwner());
  const { ino, birthtimeMs } = statSync(path);
  return sha256([hostname(), resolve(path), ino, birthtimeMs].join("\n"));
}

function keepLost(
  ledger: Ledger,
  { owner, claim, worker, token, progress, ...lost }: LostDelivery,
) {
  const unit = unitOf(lost);
  if (unit === undefined) return;
  const of = { owner, claim, worker, delivery: token, spent: progress };
  patiently(() => ledger.work.loseRest(unit, of)).catch(leaveToTheWork);
}

/** The ledger's unit that an errand is for; undefined for one that costs nothing and is no unit. */
function unitOf({ kind, unit }: Pick<LostDelivery, "kind" | "unit">): WorkUnit | undefined {
  const [attempt = ""] = unit.split(" ");
  if (kind === "attempt") return { unit, step: "run", run: parseAttemptKey(attempt).run };
  if (kind === "label") return { unit, step: "label", run: parseAttemptKey(attempt).run };
  return undefined;
}

/** A ledger that takes nothing is met by the work itself, which says so. */
function leaveToTheWork(error: unknown): void {
  if (asFault(error).code === "internal") throw error;
}

function keepWorkers(ledger: Ledger, queue: string): (workers: readonly SeenWorker[]) => void {
  // Those of a driver that was killed, too.
  const known = ledger.workers.all(queue).filter(({ ended_at }) => ended_at === null);
  let before: ReadonlySet<string> = new Set(known.map(({ worker }) => worker));
  return (workers) => {
    try {
      for (const { id, name: _, beat: __, heard_at: ___, images, faults, ...says } of workers)
        ledger.workers.heard({ ...says, images, faults, queue, worker: id });
      const now = new Set(workers.map(({ id }) => id));
      for (const worker of before) if (!now.has(worker)) ledger.workers.ended({ queue, worker });
      before = now;
    } catch (error) {
      leaveToTheWork(error);
    }
  };
}
