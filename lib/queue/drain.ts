// Owns telling workers to finish what they have and end.
import { UsageError } from "../core/fault.ts";
import { joinQueue, settingsOf } from "./join.ts";
import { keysOf } from "./keys.ts";
import { parsed, post, type WorkerReport, workerReport } from "./messages.ts";
import { openServer } from "./server.ts";

type Which = {
  readonly url: string;
  /** The only one of the server when absent. */
  readonly queue?: string | undefined;
  /** All workers of the queue when absent. */
  readonly name?: string | undefined;
};

/** Tells workers to drain; returns those that were told. Throws UsageError where it is not clear which queue is meant. */
export async function drainWorkers({
  url,
  queue,
  name,
}: Which): Promise<readonly (WorkerReport & { readonly id: string })[]> {
  await using server = await openServer(url);
  const { client } = server;
  const named = queue ?? (await onlyQueue(client));
  if ((await settingsOf(client, named)) === undefined)
    throw new UsageError(`there is no queue "${named}" at ${server.place}`);
  const keys = keysOf(named, "");
  const reports = Object.entries(await client.hgetall(keys.workers)).flatMap(([id, text]) => {
    const report = parsed(workerReport, text);
    return report && (name === undefined || [report.name, id].includes(name))
      ? [{ ...report, id }]
      : [];
  });
  for (const { id } of reports) await post(client, keys.inbox(id), { is: "drain" });
  return reports;
}

async function onlyQueue(client: Parameters<typeof joinQueue>[0]): Promise<string> {
  const waited = new AbortController();
  const joined = await joinQueue(client, {
    ...{ queue: undefined, signal: waited.signal },
    on_wait: () => waited.abort(),
  });
  if (joined) return joined.queue;
  throw new UsageError("no study keeps a queue on this server: name one with --queue");
}
