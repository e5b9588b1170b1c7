// Owns the messages about a Redis server that cannot be used: the real reason and what to do, one line each.
import { Fault, UsageError } from "../core/fault.ts";

/** The server does not accept us, or does not let us do what is needed. */
const LOCKED_OUT = /^(NOAUTH|WRONGPASS)\b/;
const FORBIDDEN =
  /^(NOPERM|NOAUTH|WRONGPASS)\b|ACL failure in script|user executing the script can't/;
const OF_A_CLUSTER = /^(MOVED|ASK|CROSSSLOT)\b|not allowed in cluster mode/;
const NOT_REDIS = /Unknown RESP type \d+ "(.)"|Protocol error, got "(.)"/;

/** Reasons why nothing answered, in the order they are looked for; `host:port` precedes the text. */
const UNREACHED: readonly {
  readonly is: RegExp;
  readonly what: (place: string) => string;
  readonly hint: string;
}[] = [
  {
    is: /ENOTFOUND|EAI_AGAIN|getaddrinfo/,
    what: (place) => `the host of the Redis server at ${place} cannot be resolved`,
    hint: "check the spelling of the host's name, and that names can be resolved here",
  },
  {
    is: /certificate|self.signed|\bCERT_|_CERT\b|altname|HOSTNAME_MISMATCH/i,
    what: (place) => `the certificate of the Redis server at ${place} is not trusted`,
    hint: "set NODE_EXTRA_CA_CERTS to a file with its authority's certificate, or have a certificate issued for that host",
  },
  {
    is: /WRONG_VERSION|wrong version number|packet length too long|unknown protocol/i,
    what: (place) => `the Redis server at ${place} does not speak TLS`,
    hint: "use redis:// instead of rediss://, or the port on which it speaks TLS",
  },
  {
    is: /Command timed out|ETIMEDOUT/,
    what: (place) => `whatever listens at ${place} does not answer like a Redis server`,
    hint: "check that the port is the server's, and use redis:// without TLS, rediss:// with it",
  },
  {
    is: /ECONNRESET|EPIPE|closed/i,
    what: (place) => `whatever listens at ${place} closes the connection`,
    hint: "if the server speaks only TLS, use rediss://; otherwise see its log",
  },
];

/** Why no connection came about. */
export function notOpened(place: string, error: unknown): Error {
  const words = wordsOf(error);
  if (LOCKED_OUT.test(words))
    return new UsageError(
      `the Redis server at ${place} refuses the user or password (${words}): give them in the URL, redis://user:password@host:port`,
    );
  if (isRefusal(error)) return refused(place, error);
  const [, first, second] = NOT_REDIS.exec(words) ?? [];
  const sign = first ?? second;
  if (sign !== undefined)
    return new Fault(
      "mailbox_gone",
      `whatever answers at ${place} is not a Redis server: its answer begins with "${sign}"${sign === "H" ? ", as HTTP's does" : ""}`,
      { hint: "give the port of the Redis server", cause: error },
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

/** What a server that answers refuses to do. */
export function refused(place: string, error: unknown): Error {
  const words = wordsOf(error);
  if (FORBIDDEN.test(words))
    return new UsageError(`the Redis server at ${place} does not permit what is needed: ${words}`);
  if (OF_A_CLUSTER.test(words)) return ofCluster(place, words);
  return new Fault("mailbox_gone", `the Redis server at ${place} refuses: ${words}`, {
    hint: "see the server's log; `redis-cli info` shows memory and persistence",
    cause: error,
  });
}

export function ofCluster(place: string, words: string): UsageError {
  return new UsageError(
    `the Redis server at ${place} is part of a cluster (${words}), which keeps messages in several places: name a standalone server`,
  );
}

export function gone(message: string, cause: unknown): Fault {
  return new Fault("mailbox_gone", message, {
    hint: "start the server and run again, or omit its address: one is then started for the run",
    cause,
  });
}

/** On one line: some servers' messages are paragraphs. */
export function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error ?? "no answer");
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
const LONGEST = 200;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
