// Owns the gateway of one local sandbox: a network of its own, and in it the forwarder, which commands do not see.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FORWARDER, GATEWAY_PORT, GATEWAY_URL } from "../forwarder/place.ts";
import {
  gatewayEnded,
  letForwardersIn,
  noGateway,
  openTrialPort,
  type SandboxGateway,
} from "../gateway.ts";
import type { GatewaySocket } from "../sandbox.ts";
import { asUser, hostUser } from "./host-user.ts";
import { systemFolders } from "./system-files.ts";

export type LocalGateway = AsyncDisposable &
  SandboxGateway & {
    /** What precedes a command that is to be in the network. */
    readonly enter: readonly string[];
  };

/** Where the forwarder has what it needs; nothing else of the host's is there. */
const INSIDE = { bun: "/bun", program: "/forwarder", socket: "/gateway.sock" } as const;
/** It ends with this process, so it needs no lifetime. */
const LIFETIME_S = Number.MAX_SAFE_INTEGER;
const START_MS = 20_000;

/**
 * Starts the forwarder in namespaces of its own: no process of the sandbox sees it or could end it, it counts in none of
 * the sandbox's limits, and it ends with this process, however that ends. Started by root, it has a host's user of its
 * own. Throws Fault `sandbox_failed` when it cannot be started, or does not reach the socket.
 */
export async function openGateway({ socket }: GatewaySocket): Promise<LocalGateway> {
  await letForwardersIn({ socket });
  const user = hostUser();
  const child = Bun.spawn([...room(socket, user), ...program(user)], {
    ...{ cwd: "/", env: {}, stdin: "pipe", stdout: "pipe", stderr: "pipe", detached: true },
  });
  const end = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  try {
    const said = await within(START_MS, firstLine(child.stdout));
    if (said !== "ready") throw noGateway(said || (await new Response(child.stderr).text()));
    return {
      url: GATEWAY_URL,
      enter: entering(childOf(child.pid), user),
      assertUp() {
        if (child.exitCode !== null || child.signalCode !== null) throw gatewayEnded();
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The system to read only, and what the forwarder is made of. The socket is laid in by itself: its folder is closed to others. */
function room(socket: string, user: number | undefined): string[] {
  const powers = user === undefined ? [] : ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];
  return [
    ...["bwrap", ...systemFolders(), "--proc", "/proc"],
    ...["--ro-bind", process.execPath, INSIDE.bun, "--dir", INSIDE.program],
    ...FORWARDER.files.flatMap((name) => [
      ...["--ro-bind", join(FORWARDER.folder, name), join(INSIDE.program, name)],
    ]),
    ...["--ro-bind", socket, INSIDE.socket, "--remount-ro", "/", "--cap-drop", "ALL", ...powers],
    ...["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
    ...["--die-with-parent", "--new-session", "--"],
  ];
}

function program(user: number | undefined): string[] {
  const main = join(INSIDE.program, FORWARDER.main);
  const own = [INSIDE.bun, "--smol", main, `${GATEWAY_PORT}`, INSIDE.socket, `${LIFETIME_S}`];
  return user === undefined ? own : [...asUser(user), ...own];
}

/** Who is not root owns the network through a user namespace, which has to be entered first. */
function entering(pid: number, user: number | undefined): string[] {
  const own = `/proc/${pid}/ns`;
  const owner = user === undefined ? [`--user=${own}/user`, "--preserve-credentials"] : [];
  return ["nsenter", ...owner, `--net=${own}/net`, "--"];
}

/** Bubblewrap's only child: the first process of the new namespaces. It is there as long as bubblewrap is. */
function childOf(pid: number): number {
  const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  if (/^\d+$/.test(child)) return Number(child);
  throw noGateway("it has no process");
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += Buffer.from(part.value).toString("utf8");
    const end = text.indexOf("\n");
    if (end !== -1) return text.slice(0, end);
  }
  return text;
}

async function within<T>(wait_ms: number, promise: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(noGateway("it did not answer")), wait_ms);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tries the whole way once: a socket, a forwarder, a command beside it. Throws what {@link openGateway} throws. */
export async function tryGateway(): Promise<void> {
  await using port = openTrialPort();
  await using gateway = await openGateway(port);
  const room = ["bwrap", ...systemFolders(), "--unshare-pid", "--proc", "/proc", "--"];
  const asks = ["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${GATEWAY_PORT}`];
  const done = Bun.spawnSync([...gateway.enter, ...room, ...asks], {
    ...{ stderr: "pipe", env: { PATH: process.env.PATH } },
  });
  if (!done.success) throw noGateway(done.stderr.toString());
}
