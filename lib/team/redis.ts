// Owns the connection to a Redis server: one for all who share it, its calls, deadlines, reconnects and errors.
import type { Redis } from "ioredis";
import { type Fault, UsageError } from "../core/fault.ts";
import { atMost, Bell } from "./mailbox-wait.ts";
import { gone, isRefusal, notOpened, ofCluster, refused, wordsOf } from "./redis-trouble.ts";

export type LinkOptions = {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://…`. */
  readonly url: string;
  /** How long the server may stay away before a call fails. */
  readonly gone_ms?: number;
};

const GONE_MS = 30_000;
const CONNECT_MS = 5_000;
/** A server that hangs is asked again after this time. */
const CALL_MS = 10_000;
const LONGEST_PAUSE_MS = 1_000;
const AGAIN_MS = 50;
/** Answers of a server that is starting, busy or changing its role: another try may succeed. */
const PASSING = /^(LOADING|BUSY|MASTERDOWN|TRYAGAIN|READONLY|CLUSTERDOWN|UNBLOCKED)\b/;

/** A call that the server may or may not have carried out: it must be repeated. */
class Lost extends Error {}

/** A connection that comes back by itself. Calls of all users share it, and so do their channels (RESP3). */
export class RedisLink implements AsyncDisposable {
  /** Grows with each connection: after it has grown the server may have forgotten something. */
  epoch = 0;
  /** The server's address without its secrets. */
  readonly place: string;
  version = "?";
  private readonly client: Redis;
  private readonly gone_ms: number;
  private readonly up = new Bell();
  private readonly channels = new Map<string, () => void>();
  private readonly listeners = new Set<() => void>();
  private trouble: unknown;

  private constructor(client: Redis, options: LinkOptions) {
    this.client = client;
    this.gone_ms = options.gone_ms ?? GONE_MS;
    this.place = placeOf(options.url);
    client.on("error", (error) => {
      this.trouble = error;
    });
    client.on("ready", () => {
      this.epoch++;
      this.up.ring();
      for (const listener of this.listeners) listener();
    });
    client.on("message", (channel: string) => this.channels.get(channel)?.());
  }

  /**
   * Connects. Throws UsageError for an invalid address, a wrong password, a database that is not there, and a server
   * that is too old, of a cluster, a replica or none at all; Fault `mailbox_gone` when no server answers, with the
   * reason.
   */
  static async open(options: LinkOptions): Promise<RedisLink> {
    checkedUrl(options.url);
    const { Redis: Client } = await import("ioredis");
    const link = new RedisLink(
      new Client(options.url, {
        lazyConnect: true,
        connectionName: "tandem",
        connectTimeout: CONNECT_MS,
        commandTimeout: CALL_MS,
        // What was under way when a connection broke fails at once: `persist` knows when to repeat it.
        enableOfflineQueue: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        retryStrategy: (times) => Math.min(AGAIN_MS * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
      }),
      options,
    );
    try {
      await link.greet(databaseOf(options.url));
      return link;
    } catch (error) {
      await link[Symbol.asyncDispose]();
      throw error;
    }
  }

  private async greet(database: number | undefined): Promise<void> {
    try {
      await this.client.connect();
    } catch (error) {
      throw notOpened(this.place, this.trouble ?? error);
    }
    const told = (await this.call("HELLO")) as unknown[];
    const fields = told.map(String);
    const field = (name: string) => fields[fields.indexOf(name) + 1] ?? "?";
    this.version = field("version");
    if (field("proto") !== "3")
      throw new UsageError(
        `the server at ${this.place} (${this.version}) is too old: Redis 6.2 or newer is needed`,
      );
    if (field("mode") === "cluster") throw ofCluster(this.place, "mode cluster");
    if (["slave", "replica"].includes(field("role")))
      throw new UsageError(
        `the Redis server at ${this.place} is a replica, which accepts no messages: name the server it follows`,
      );
    if (database !== undefined) await this.select(database);
  }

  /** The client asks for it as well, and goes on in another one when there is none. */
  private async select(database: number): Promise<void> {
    try {
      await this.call("SELECT", String(database));
    } catch (error) {
      if (!/index is out of range|invalid DB index/i.test(wordsOf(error))) throw error;
      throw new UsageError(
        `the Redis server at ${this.place} has no database ${database}: databases are numbered from 0, and there are 16 by default`,
      );
    }
  }

  /** One call; texts of the answer are bytes. Throws what {@link persist} repeats, or the server's refusal. */
  async call(name: string, ...args: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await this.client.callBuffer(name, ...args);
    } catch (error) {
      if (!isRefusal(error)) throw new Lost(wordsOf(error), { cause: error });
      const words = wordsOf(error);
      if (PASSING.test(words)) throw new Lost(words, { cause: error });
      throw refused(this.place, error);
    }
  }

  /**
   * Does the work, and again while connections break on it: the work must tolerate that. Throws Fault `mailbox_gone`
   * when the server stays away for too long, the signal's reason on abort.
   */
  async persist<T>(
    work: () => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly gone_ms?: number } = {},
  ): Promise<T> {
    const { signal, gone_ms = this.gone_ms } = options;
    const deadline = performance.now() + gone_ms;
    for (;;) {
      await this.untilUp(deadline, signal);
      try {
        return await abortable(work(), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Lost)) throw error;
        this.trouble = error.cause;
        if (performance.now() >= deadline) throw this.isGone();
      }
      await atMost(this.up.rung, AGAIN_MS, signal);
    }
  }

  private async untilUp(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const { rung } = this.up;
      if (this.client.status === "ready") return;
      const left = deadline - performance.now();
      if (left <= 0 || this.client.status === "end") throw this.isGone();
      await atMost(rung, left, signal);
    }
  }

  private isGone(): Fault {
    const words = `the Redis server at ${this.place} is gone: ${wordsOf(this.trouble)}`;
    return gone(words, this.trouble);
  }

  /** Calls `listener` after each reconnect, until the scope ends. */
  onUp(listener: () => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => this.listeners.delete(listener) };
  }

  /** Calls `listener` for each message on the channel; this survives reconnects. */
  async listen(channel: string, listener: () => void): Promise<void> {
    this.channels.set(channel, listener);
    await this.subscription("subscribe", channel);
  }

  async unlisten(channel: string): Promise<void> {
    this.channels.delete(channel);
    await this.subscription("unsubscribe", channel);
  }

  /** The client keeps its own list of channels, so this uses its own functions. */
  private async subscription(verb: "subscribe" | "unsubscribe", channel: string): Promise<void> {
    try {
      await this.client[verb](channel);
    } catch (error) {
      if (isRefusal(error)) throw refused(this.place, error);
      throw new Lost(wordsOf(error), { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.disconnect();
  }
}

/** The version of the server at that address, when it answers. Throws as {@link RedisLink.open} does. */
export async function redisVersion(url: string): Promise<string> {
  await using link = await RedisLink.open({ url });
  return link.version;
}

/**
 * A client whose calls wait for the server to come back, however long that takes; a call may be carried out twice.
 * Throws as {@link RedisLink.open} does.
 */
export async function patientClient(url: string, name: string): Promise<Redis> {
  await using link = await RedisLink.open({ url });
  const { Redis: Client } = await import("ioredis");
  const client = new Client(url, {
    connectionName: name,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(AGAIN_MS * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
  });
  // It connects again by itself; whoever waits is told by the wait.
  client.on("error", () => link.place);
  return client;
}

/** The address if it is one of a Redis server. Throws UsageError otherwise. */
export function checkedUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = parsed !== undefined && /^rediss?:$/.test(parsed.protocol);
  if (isRedis && parsed.hostname !== "" && DATABASE.test(parsed.pathname)) return parsed;
  throw new UsageError(
    "the address of a Redis server must look like redis://[user:password@]host[:port][/database], where the database is a number",
  );
}

const DATABASE = /^\/?(\d{0,9})$/;

function databaseOf(url: string): number | undefined {
  const { pathname, searchParams } = checkedUrl(url);
  const wanted = DATABASE.exec(pathname)?.[1] || (searchParams.get("db") ?? "");
  return /^\d+$/.test(wanted) ? Number(wanted) : undefined;
}

function placeOf(url: string): string {
  const { hostname, port } = checkedUrl(url);
  return `${hostname}:${port || "6379"}`;
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
