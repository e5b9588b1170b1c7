// Owns the connections to the server that a queue is kept on, and the trouble of opening them.
import type { Redis } from "ioredis";
import { asFault, Fault, UsageError } from "../core/fault.ts";
import { checkedUrl, patientClient } from "../team/redis.ts";
import { isRefusal, refused } from "../team/redis-trouble.ts";
import { withPassword } from "./password.ts";

/** What a server that answers does not let us do, as a message to its user; any other error as it is. */
export function refusal({ place }: Pick<Server, "place">, error: unknown): unknown {
  return isRefusal(error) ? refused(place, error) : error;
}

export type Server = AsyncDisposable & {
  /** The address without its secrets. */
  readonly place: string;
  readonly client: Redis;
  /** Another connection, for calls that block; closed with the server. */
  readonly blocking: () => Redis;
};

/**
 * Connects to `redis://[user:password@]host[:port][/database]`, or `rediss://…`; connections come back by themselves. Throws
 * UsageError for an address that cannot be used, Fault `queue_gone` when no server answers, with the reason.
 */
export async function openServer(url: string): Promise<Server> {
  const { hostname, port } = checkedUrl(url);
  const client = await patientClient(withPassword(url), "tandem queue").catch((error: unknown) => {
    if (error instanceof UsageError) throw error;
    const { message } = asFault(error);
    throw new Fault("queue_gone", message, {
      hint: "start the server of the queue, or name another with --redis",
      cause: error,
    });
  });
  const others: Redis[] = [];
  return {
    place: `${hostname}:${port || "6379"}`,
    client,
    blocking() {
      const other = client.duplicate();
      other.on("error", () => client.status);
      others.push(other);
      return other;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...others, client]) one.disconnect();
    },
  };
}
