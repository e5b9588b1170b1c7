// Owns what is said of a Redis server that cannot be used: the real reason and what to do, in one line each.
import { Fault, UsageError } from "../core/fault.ts";

/** The server knows us, or does not let us do what is needed. */
const LOCKED_OUT = /^(NOAUTH|WRONGPASS)\b/;
const FORBIDDEN =
  /^(NOPERM|NOAUTH|WRONGPASS)\b|ACL failure in script|user executing the script can't/;
const OF_A_CLUSTER = /^(MOVED|ASK|CROSSSLOT)\b|not allowed in cluster mode/;
const NOT_REDIS = /Unknown RESP type \d+ "(.)"|Protocol error, got "(.)"/;

/** Reasons why nobody answered, in the order they are looked for; `host:port` precedes the words. */
const UNREACHED: readonly {
  readonly is: RegExp;
  readonly what: (place: string) => string;
  readonly hint: string;
}[] = [
  {
    is: /ENOTFOUND|EAI_AGAIN|getaddrinfo/,
    what: (place) => `the host of the Redis server at ${place} is not known`,
    hint: "see the spelling of the host's name, and whether names are resolved here",
  },
  {
    is: /certificate|self.signed|\bCERT_|_CERT\b|altname|HOSTNAME_MISMATCH/i,
    what: (place) => `the certificate of the Redis server at ${place} is not trusted`,
    hint: "name a file with its authority's certificate in NODE_EXTRA_CA_CERTS, or have one issued for that host",
  },
  {
    is: /WRONG_VERSION|wrong version number|packet length too long|unknown protocol/i,
    what: (place) => `the Redis server at ${place} does not speak TLS`,
    hint: "use redis:// instead of rediss://, or the port on which it speaks TLS",
  },
  {
    is: /Command timed out|ETIMEDOUT/,
    what: (place) => `what listens at ${place} does not answer as a Redis server`,
    hint: "see that the port is the server's, and that redis:// is used without TLS and rediss:// with it",
  },
  {
    is: /ECONNRESET|EPIPE|closed/i,
    what: (place) => `what listens at ${place} closes the connection`,
    hint: "where the server speaks TLS only use rediss://; else see its log",
  },
];

/** Why no connection came about. */
export function notOpened(place: string, error: unknown): Error {
  const words = wordsOf(error);
  if (LOCKED_OUT.test(words))
    return new UsageError(
      `the Redis server at ${place} refuses user or password (${words}): name them in the URL, redis://user:password@host:port`,
    );
  if (isRefusal(error)) return refused(place, error);
  const [, first, second] = NOT_REDIS.exec(words) ?? [];
  const sign = first ?? second;
  if (sign !== undefined)
    return new Fault(
      "mailbox_gone",
      `what answers at ${place} is not a Redis server: its answer begins with "${sign}"${sign === "H" ? ", as HTTP's does" : ""}`,
      { hint: "name the port of the Redis server", cause: error },
    );
  const text = `${codeOf(error)} ${words}`;
  const known = UNREACHED.find(({ is }) => is.test(text));
  if (known === undefined) return gone(`no Redis server answers at ${place}: ${words}`, error);
  return new Fault("mailbox_gone", `${known.what(place)}: ${words}`, {
    hint: known.hint,
    cause: error,
  });
}

/** The server answered, with an error; all else is the connection's. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/** What a server that answers does not do for us. */
export function refused(place: string, error: unknown): Error {
  const words = wordsOf(error);
  if (FORBIDDEN.test(words))
    return new UsageError(`the Redis server at ${place} does not permit what is needed: ${words}`);
  if (OF_A_CLUSTER.test(words)) return ofCluster(place, words);
  return new Fault("mailbox_gone", `the Redis server at ${place} refuses: ${words}`, {
    hint: "see the server's log; `redis-cli info` tells about memory and persistence",
    cause: error,
  });
}

export function ofCluster(place: string, words: string): UsageError {
  return new UsageError(
    `the Redis server at ${place} is part of a cluster (${words}), which has messages in many places: name a server that stands alone`,
  );
}

export function gone(message: string, cause: unknown): Fault {
  return new Fault("mailbox_gone", message, {
    hint: "start the server and run again, or leave out its address: then one is started for the run",
    cause,
  });
}

/** In one line: servers say some things in paragraphs. */
export function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error ?? "no answer");
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
const LONGEST = 200;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
