// Owns the client of an engine at an address: over its socket, TLS, or a tunnel of ssh's that is opened again when it has ended.
import type Docker from "dockerode";
import { UsageError } from "../../core/fault.ts";
import type { Address, Named } from "./address.ts";
import { wordsOf } from "./answers.ts";
import { openTunnel, type Tunnel } from "./ssh.ts";
import { readCertificates } from "./tls.ts";

export type Link = {
  readonly client: Docker;
  /** Whether it leads nowhere any more. */
  ended(): boolean;
  /** Told of an error, which may show that it does. Nothing is sent twice: what was to be sent may be half read. */
  failed(error: unknown): void;
  /** What the way there has to say: of an engine that does not answer it may know why. */
  words(): string;
};

/** Nobody listens at a socket of this machine's own. */
function isShut(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return error.code === "ECONNREFUSED" || error.code === "ENOENT";
}

type Connection = NonNullable<ConstructorParameters<typeof Docker>[0]>;

/** What the environment says must not count: an engine may be another one than DOCKER_HOST's. */
const NOTHING = {
  host: undefined,
  port: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
};

/** Throws UsageError for certificates that cannot be used, NoWay. */
export async function openLink({ address, whose = "the engine" }: Named): Promise<Link> {
  const tunnel = address.way === "ssh" ? await openTunnel(address) : undefined;
  const client = await clientOf(connectionOf(address, whose, tunnel));
  let over = false;
  return {
    client,
    ended: () => over || tunnel?.ended() === true,
    failed(error) {
      over ||= tunnel !== undefined && isShut(error);
    },
    words: () => tunnel?.words() ?? "",
  };
}

function connectionOf(address: Address, whose: string, tunnel: Tunnel | undefined): Connection {
  if (address.way === "socket") return { ...NOTHING, protocol: "http", socketPath: address.path };
  if (address.way === "ssh") return { ...NOTHING, protocol: "http", socketPath: tunnel?.socket };
  const { host, port, tls } = address;
  const at = { ...NOTHING, socketPath: undefined, host, port };
  if (tls === undefined) return { ...at, protocol: "http" };
  return { ...at, protocol: "https", ...readCertificates(tls, whose) };
}

async function clientOf(connection: Connection): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  try {
    return new Client(connection);
  } catch (error) {
    // It reads the environment first, whatever it is told.
    throw new UsageError(
      `DOCKER_HOST or DOCKER_CERT_PATH cannot be used: ${wordsOf(error)}: unset what is wrong of them`,
    );
  }
}
