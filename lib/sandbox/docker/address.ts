// Owns the address of a container engine: the forms that it is written in, and what each means.
import { UsageError } from "../../core/fault.ts";
import { hostOf } from "../../core/host.ts";

export type SocketAddress = { readonly way: "socket"; readonly path: string };
export type TcpAddress = {
  readonly way: "tcp";
  readonly host: string;
  readonly port: number;
  /** Absent: the connection is not encrypted. */
  readonly tls?: TlsFiles | undefined;
};
/** Files of certificates; without `ca` the system's authorities count, `cert` and `key` show who asks. */
export type TlsFiles = {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
};
export type SshAddress = {
  readonly way: "ssh";
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Path of the engine's socket over there; absent: the one that its own client uses. */
  readonly socket?: string | undefined;
  /** A configuration of ssh's in place of the user's, and the file of a key. */
  readonly config?: string | undefined;
  readonly key?: string | undefined;
};
export type Address = SocketAddress | TcpAddress | SshAddress;
/** An address, and who named it: `DOCKER_HOST`, a context, an engine of a file; undefined: nobody. */
export type Named = { readonly address: Address; readonly whose: string | undefined };

const FORMS = "unix:///run/docker.sock, ssh://me@host or tcp://host:2376";
const PORTS = { plain: 2375, tls: 2376 } as const;

/**
 * Reads an address. `tls` are the certificates of a connection that is to be encrypted. Throws UsageError in the name of
 * `whose`.
 */
export function parseAddress(text: string, whose: string, tls?: TlsFiles): Address {
  const refuse = (why: string) =>
    new UsageError(`${whose} is "${text}", which is not an address (such as ${FORMS}): ${why}`);
  const [, scheme = "tcp", rest = text] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === "unix" || scheme === "npipe") {
    if (rest.startsWith("/")) return { way: "socket", path: rest };
    throw refuse("its path must begin with /");
  }
  if (!["tcp", "http", "https", "ssh"].includes(scheme)) throw refuse(`it begins with ${scheme}:`);
  const url = URL.parse(`${scheme === "ssh" ? "ssh" : "http"}://${rest}`);
  if (url === null || url.hostname === "") throw refuse("it names no host");
  if (url.password !== "") throw refuse("a password does not belong in it");
  if (url.search !== "" || url.hash !== "") throw refuse("it ends after its path");
  return scheme === "ssh"
    ? sshAddress(url, refuse)
    : tcpAddress(url, { scheme, rest, tls, refuse });
}

type Refuse = (why: string) => UsageError;

/** Names that could be taken for options of ssh's are none. */
const SSH_WORD = /^[\w.[][\w.:@%\]-]*$/;

function sshAddress(url: URL, refuse: Refuse): SshAddress {
  const { hostname, username, port, pathname } = url;
  const [host, user] = [hostname.replace(/^\[(.*)\]$/, "$1"), decodeURIComponent(username)];
  if (!SSH_WORD.test(hostname) || (user !== "" && !SSH_WORD.test(user)))
    throw refuse("its host or user is not a name");
  return {
    ...{ way: "ssh", host },
    ...(user === "" ? {} : { user }),
    ...(port === "" ? {} : { port: Number(port) }),
    ...(pathname.length > 1 ? { socket: checkedPath(decodeURIComponent(pathname), refuse) } : {}),
  };
}

/** It is laid in words of a shell over there, and in ssh's own `from:to`. */
function checkedPath(path: string, refuse: Refuse): string {
  if (/^[\w./@+-]+$/.test(path)) return path;
  throw refuse("the path of its socket may have letters, digits and ./_@+-");
}

type TcpForm = {
  readonly scheme: string;
  readonly rest: string;
  readonly tls: TlsFiles | undefined;
  readonly refuse: Refuse;
};

function tcpAddress(url: URL, { scheme, rest, tls, refuse }: TcpForm): TcpAddress {
  if (url.username !== "") throw refuse("a user belongs to ssh:// only");
  if (url.pathname !== "/" && url.pathname !== "") throw refuse("it has no path");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  // As it is written: a parser drops the port that its scheme has anyway.
  const [, written] = /:(\d+)\/?$/.exec(rest) ?? [];
  const isTls = tls !== undefined || scheme === "https" || Number(written) === PORTS.tls;
  const port = Number(written ?? (isTls ? PORTS.tls : PORTS.plain));
  return { way: "tcp", host, port, ...(isTls ? { tls: tls ?? {} } : {}) };
}

/** The address as it would be written. */
export function addressText(address: Address): string {
  if (address.way === "socket") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  if (address.way === "tcp") return `tcp://${host}:${address.port}`;
  const { user, port, socket = "" } = address;
  const at = `${user === undefined ? "" : `${user}@`}${host}`;
  return `ssh://${at}${port === undefined ? "" : `:${port}`}${socket}`;
}

/** Whether what the engine publishes on its loopback may be on this machine's: not behind ssh, nor under another name. */
export function isOnLoopback(address: Address): boolean {
  if (address.way === "tcp") return hostOf(addressText(address)) === "localhost";
  return address.way === "socket";
}
