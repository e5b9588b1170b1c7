// Owns the choice of where messages are kept: in this process, on a Redis server, or on one that is started for the run.
import { memoryMailbox } from "./memory.ts";
import type { Mailroom } from "./room.ts";

export type MailroomOptions =
  | { readonly kind: "memory" }
  | {
      readonly kind: "redis";
      /** `redis://[user:password@]host[:port][/db]`; absent: a server is started, and stopped with the mailroom. */
      readonly url?: string | undefined;
      /** How long the server may stay away before a call fails, in milliseconds; 30,000 when absent. */
      readonly gone_ms?: number | undefined;
      readonly signal?: AbortSignal | undefined;
    };

/**
 * Throws UsageError for an invalid address, a wrong password or a server that is too old; Fault `mailbox_gone` when no
 * server answers or none can be started.
 */
export async function openMailroom(options: MailroomOptions): Promise<Mailroom> {
  if (options.kind === "memory") return memoryRoom();
  const { openRedisRoom } = await import("./redis-room.ts");
  const { url, gone_ms, signal } = options;
  if (url !== undefined) return await openRedisRoom({ url, gone_ms });
  const { startServer } = await import("./server.ts");
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer({ signal }));
  const room = stack.use(await openRedisRoom({ url: server.url, gone_ms }));
  const held = stack.move();
  return {
    description: `${room.description}; ${server.description}`,
    open: (request) => room.open(request),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function memoryRoom(): Mailroom {
  return {
    description: "in this process",
    async open({ agent_ids }) {
      return Object.assign(memoryMailbox(agent_ids), { async [Symbol.asyncDispose]() {} });
    },
    async [Symbol.asyncDispose]() {},
  };
}
