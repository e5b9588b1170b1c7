// Owns the choice of where messages lie: in this process, on a Redis server, or on one that is started for the run.
import type { Mailbox } from "./mailbox.ts";
import { memoryMailbox } from "./memory.ts";
import type { RedisAccess } from "./redis-access.ts";

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

/** An attempt's mailbox; its end removes what it left in the room. */
export type OpenMailbox = Mailbox & AsyncDisposable & { readonly access?: RedisAccess };
export type MailboxRequest = {
  readonly attempt_key: string;
  readonly agent_ids: readonly string[];
  /** Ends every call that is under way. */
  readonly signal?: AbortSignal | undefined;
};

/** Mailboxes for many attempts at once. They hold no connection of their own. */
export interface Mailroom extends AsyncDisposable {
  /** Where the messages lie and what keeps attempts apart, in one line without secrets. */
  readonly description: string;
  open(request: MailboxRequest): Promise<OpenMailbox>;
}

/**
 * Throws UsageError for an address that is none, a wrong password or a server that is too old; Fault `mailbox_gone`
 * when no server answers or none can be started.
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
