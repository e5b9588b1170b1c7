// Owns the way to an engine behind ssh: the system's own ssh, which holds one connection and lays a socket here for the engine's.
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { diskScratch, removeFolder } from "../../core/files.ts";
import type { SshAddress } from "./address.ts";
import { carry, firstLine, startSsh } from "./ssh-child.ts";

/** A socket of this machine that leads to the engine, while the connection lasts. */
export type Tunnel = {
  readonly socket: string;
  /** Whether ssh has ended: nothing can be asked through it any more. */
  ended(): boolean;
  /** What ssh, or the other side's shell, has said on standard error of late. */
  words(): string;
  close(): void;
};
/** There is no way through: ssh's own words, or what was found at the other side. */
export class NoWay extends Error {
  override readonly name = "NoWay";
}

const UP_MS = 60_000;
const PROBE_MS = 20_000;
const USUAL = "/var/run/docker.sock";
const FORWARDING = ["-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes"] as const;

/**
 * Opens the way. One connection forwards this machine's socket to the engine's: a request then costs no handshake and no
 * program over there. Where the host forbids that, every request has an ssh of its own that runs Docker's `dial-stdio`,
 * as Docker's client does. Throws NoWay.
 */
export async function openTunnel(address: SshAddress): Promise<Tunnel> {
  const folder = diskScratch("ssh");
  chmodSync(folder.path, 0o700);
  const remove = () => removeFolder(folder.path);
  process.once("exit", remove);
  const forget = () => {
    process.off("exit", remove);
    remove();
  };
  try {
    const tunnel = await openEither(address, folder.path);
    const close = () => {
      tunnel.close();
      forget();
    };
    return { ...tunnel, close };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openEither(address: SshAddress, folder: string): Promise<Tunnel> {
  const socket = join(folder, "e");
  const first = await forward(address, { socket, path: address.socket ?? USUAL });
  if (typeof first === "string" && first.startsWith("/")) {
    const second = await forward(address, { socket, path: first });
    if (typeof second !== "string") return second;
  }
  return typeof first === "string" ? await dialling(address, folder) : first;
}

type Ends = { readonly socket: string; readonly path: string };

/** The tunnel; the path that the engine's socket has instead; or `dial` where only the other way is left. */
async function forward(address: SshAddress, ends: Ends): Promise<Tunnel | string> {
  const options = [...FORWARDING, "-L", `${ends.socket}:${ends.path}`];
  const ssh = startSsh(address, {
    ...{ options, command: lookAndHold(address.socket) },
    log: `${ends.socket}.log`,
  });
  const stop = () => {
    ssh.child.kill();
  };
  const found = await within(UP_MS, firstLine(ssh), undefined);
  const [, word, rest = ""] = /^tandem (\w+) (.*)$/.exec(found ?? "") ?? [];
  if (word === "here" && rest === ends.path) {
    if (await passes(ends.socket)) {
      // The engine may be asked as long as this process lives, and does not keep it alive.
      ssh.child.unref();
      return { socket: ends.socket, ended: ssh.ended, words: ssh.words, close: stop };
    }
    stop();
    return "dial";
  }
  stop();
  if (word === "here") return rest;
  if (word === "other") return "dial";
  throw new NoWay(whyNot({ word, path: rest, said: ssh.words() }));
}

type Found = { readonly word: string | undefined; readonly path: string; readonly said: string };

function whyNot({ word, path, said }: Found): string {
  if (word === "shut") return `permission denied: the engine's socket ${path} there`;
  if (word === "none") return `there is no socket ${path} on its machine`;
  return said === "" ? "ssh timed out without a word" : said;
}

/**
 * For whatever shell a user may have there: one line, without what shells read differently. It ends with its input, so with
 * this process.
 */
function lookAndHold(path: string | undefined): string {
  const ask = `if command -v docker >/dev/null 2>&1; then h=$(docker context inspect --format "{{.Endpoints.docker.Host}}" 2>/dev/null); case $h in unix://*) p=\${h#unix://};; ?*) echo "tandem other $h"; exec cat >/dev/null;; esac; fi`;
  const where = path === undefined ? `p=${USUAL}; ${ask}` : `p=${path}`;
  const look = `if [ -S "$p" ]; then if [ -w "$p" ]; then echo "tandem here $p"; else echo "tandem shut $p"; fi; else echo "tandem none $p"; fi`;
  return `exec sh -c '${where}; ${look}; exec cat >/dev/null'`;
}

/** Whether a request gets an answer: a host may take the forwarding and then refuse what comes. */
async function passes(socket: string): Promise<boolean> {
  const answered = Promise.withResolvers<boolean>();
  const asking = connect({ path: socket });
  asking.on("connect", () => asking.write("GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n"));
  asking.on("data", () => answered.resolve(true));
  asking.on("error", () => answered.resolve(false)).on("close", () => answered.resolve(false));
  try {
    return await within(PROBE_MS, answered.promise, false);
  } finally {
    asking.destroy();
  }
}

async function within<T>(wait_ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(otherwise), wait_ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One ssh a connection, as Docker's client does it. */
async function dialling(address: SshAddress, folder: string): Promise<Tunnel> {
  const socket = join(folder, "dial");
  let [words, calls] = ["", 0];
  const there = address.socket === undefined ? "" : `--host unix://${address.socket} `;
  const command = `docker ${there}system dial-stdio`;
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const log = `${socket}.${++calls}`;
    const ssh = startSsh(address, { options: [], command, log });
    carry(inside, ssh.child).finally(() => {
      words = ssh.words() || words;
      rmSync(log, { force: true });
    });
  });
  const up = Promise.withResolvers<void>();
  server.once("listening", up.resolve).once("error", up.reject);
  server.listen(socket);
  await up.promise;
  server.unref();
  if (!(await passes(socket))) {
    server.close();
    throw new NoWay(words === "" ? "ssh timed out without a word" : words);
  }
  return { socket, ended: () => false, words: () => words, close: () => void server.close() };
}
