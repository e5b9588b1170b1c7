// Owns the work of `worker`: units of a study on another machine are done here, until there is an end of it.
import { UsageError } from "../../core/fault.ts";
import { scratch } from "../../core/files.ts";
import type { WorkerEvent } from "../../queue/worker-events.ts";
import { wholeNumber } from "../args.ts";
import type { WORKER_FLAGS } from "../flags/worker.ts";
import type { Output } from "../output.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns 0: faults of units are with whoever sent them. */
export async function run(context: CommandContext<typeof WORKER_FLAGS>): Promise<number> {
  const { args, out, signal, drain } = context;
  const { redis: url, queue, name, artifacts } = args;
  if (url === undefined)
    throw new UsageError("a worker needs the server of its queue: --redis redis://HOST:6379");
  if (args.drain === true) return await drainOthers(out, { url, queue, name });
  const { runWorker } = await import("../../queue/worker.ts");
  const { openWorkshop } = await import("../../errands/workshop.ts");
  const { performErrand } = await import("../../worker/registry.ts");
  await using space = scratch(args["log-dir"], "worker");
  await using workshop = openWorkshop({ folder: space.path });
  const units = await runWorker({
    ...{ url, queue, name, artifacts, workshop, signal, drain },
    slots: wholeNumber("-c", args.concurrency, 1) ?? 1,
    perform: performErrand,
    images: imagesHere,
    on_event: (event) => say(out, event),
  });
  out.say(`${units} units done`);
  return 0;
}

function say(out: Output, event: WorkerEvent): void {
  if (event.is === "waiting") out.say("waiting for a study to take units of");
  if (event.is === "joined")
    out.say(`taking units of the queue "${event.queue}" at ${event.place}`);
  if (event.is === "draining") out.say("taking no more units; those under way are finished first");
  if (event.is === "done" && event.fault !== undefined) out.warn(`${event.unit}: ${event.fault}`);
  else if (event.is === "done") out.say(`done: ${event.unit}`);
}

/** Names of the images of this machine's engine; none where there is no engine. */
async function imagesHere(): Promise<readonly string[]> {
  const { imageNames } = await import("../../sandbox/docker/image-names.ts");
  return await imageNames();
}

type Others = {
  readonly url: string;
  readonly queue: string | undefined;
  readonly name: string | undefined;
};

async function drainOthers(out: Output, others: Others): Promise<number> {
  const { drainWorkers } = await import("../../queue/drain.ts");
  const told = await drainWorkers(others);
  for (const { id, busy } of told) out.emit({ worker: id, busy });
  if (told.length === 0) out.warn("there is no such worker");
  return 0;
}
