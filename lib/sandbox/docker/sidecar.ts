// Owns the container beside a sandbox's that passes the gateway on: in its network, with nothing else of it.
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { ContainerCreateOptions } from "dockerode";
import { type Channels, openChannels } from "../forwarder/channels.ts";
import { join } from "../forwarder/join.ts";
import { FORWARDER, GATEWAY_PORT, GATEWAY_URL } from "../forwarder/place.ts";
import { gatewayEnded, letForwardersIn, noGateway, type SandboxGateway } from "../gateway.ts";
import { isOnLoopback } from "./address.ts";
import { demultiplexer } from "./attach.ts";
import { prolongContainer, removeContainer } from "./container.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { forwarderImage, IN_IMAGE } from "./forwarder-image.ts";
import { labelsOf } from "./owner.ts";

export type Sidecar = AsyncDisposable &
  SandboxGateway & { readonly way: Way; readonly prolong: (ms: number) => Promise<void> };
export type SidecarRequest = {
  /** The gateway's socket on this machine. */
  readonly socket: string;
  /** The container whose loopback it is; undefined for one that nobody uses. */
  readonly container_id: string | undefined;
  /** The unit it works for. */
  readonly key: string;
  readonly max_lifetime_ms: number;
  readonly signal?: AbortSignal | undefined;
};
/** Over the socket itself, or over this process's connection to the engine. */
type Way = "socket" | "pipes";

const MIB = 1024 ** 2;
const MEMORY_MIB = 512;
const PIDS = 64;
const OPEN_FILES = 16_384;
const NOBODY = "65534:65534";
const SOCKET = "/gateway.sock";
const TRIES = 3;
const START_MS = 30_000;

/** Engines that cannot lay in a socket of this machine: those on others, and those in a virtual machine. */
const withoutSockets = new WeakSet<Engine>();

/**
 * Serves the gateway on the loopback of a running container. Throws Fault `sandbox_failed` when nobody listens at the
 * socket, or the engine is on another platform; then nothing is left.
 */
export async function openSidecar(engine: Engine, request: SidecarRequest): Promise<Sidecar> {
  await letForwardersIn(request);
  for (let tries = 1; ; tries++) {
    try {
      return await openOnce(engine, request);
    } catch (error) {
      // The image was cleared away before it was used.
      if (!refusedWith(error, 404) || tries === TRIES) throw error;
    }
  }
}

async function openOnce(engine: Engine, request: SidecarRequest): Promise<Sidecar> {
  const image = await forwarderImage(engine, request.signal);
  if (!withoutSockets.has(engine) && isOnLoopback(engine.where().address)) {
    const sidecar = await start(engine, request, { image, way: "socket" });
    if (typeof sidecar !== "string") return sidecar;
    withoutSockets.add(engine);
  }
  const sidecar = await start(engine, request, { image, way: "pipes" });
  if (typeof sidecar !== "string") return sidecar;
  throw noGateway(sidecar);
}

type How = { readonly image: string; readonly way: Way };

/** The sidecar, or why there is none. */
async function start(engine: Engine, request: SidecarRequest, how: How): Promise<Sidecar | string> {
  request.signal?.throwIfAborted();
  // No abort here: a container that is being created would be left behind.
  const id = await create(engine, request, how);
  if (id === undefined) return "the engine cannot see this machine's files";
  let ended = false;
  const end = () => removeContainer(engine, id);
  try {
    const stream = await attach(engine, id);
    const first = listen(stream, request.socket, () => {
      ended = true;
    });
    await engine.call("starting a container", (docker) => docker.getContainer(id).start());
    const said = await within(START_MS, first);
    request.signal?.throwIfAborted();
    if (said !== "ready") {
      await end();
      return said;
    }
    return {
      url: GATEWAY_URL,
      way: how.way,
      assertUp() {
        if (ended) throw gatewayEnded();
      },
      prolong: (ms) => prolongContainer(engine, id, ms),
      async [Symbol.asyncDispose]() {
        stream.destroy();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Undefined when the engine does not find the socket where it is on this machine. */
async function create(
  engine: Engine,
  request: SidecarRequest,
  how: How,
): Promise<string | undefined> {
  try {
    const container = await engine.call("creating a container", (docker) =>
      docker.createContainer(settings(request, how)),
    );
    return container.id;
  } catch (error) {
    if (how.way === "socket" && refusedWith(error, 400) && /bind|mount/i.test(`${error}`))
      return undefined;
    throw error;
  }
}

function settings(request: SidecarRequest, { image, way }: How): ContainerCreateOptions {
  const { key, container_id, max_lifetime_ms, socket } = request;
  const main = `${IN_IMAGE.program}/${FORWARDER.main}`;
  const lifetime_s = Math.ceil(max_lifetime_ms / 1000);
  return {
    Image: image,
    Entrypoint: [IN_IMAGE.bun, "--smol", main],
    Cmd: [`${GATEWAY_PORT}`, way === "socket" ? SOCKET : "-", `${lifetime_s}`],
    User: NOBODY,
    Labels: { ...labelsOf(key, max_lifetime_ms), "tandem.role": "forwarder" },
    // It ends with its input: with this process, however that ends.
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true },
    HostConfig: {
      Init: true,
      AutoRemove: true,
      NetworkMode: container_id === undefined ? "none" : `container:${container_id}`,
      ReadonlyRootfs: true,
      SecurityOpt: ["no-new-privileges"],
      CapDrop: ["ALL"],
      LogConfig: { Type: "none", Config: {} },
      PidsLimit: PIDS,
      Memory: MEMORY_MIB * MIB,
      MemorySwap: MEMORY_MIB * MIB,
      Ulimits: [
        { Name: "core", Soft: 0, Hard: 0 },
        { Name: "nofile", Soft: OPEN_FILES, Hard: OPEN_FILES },
      ],
      ...(way === "socket"
        ? { Mounts: [{ Type: "bind", Source: socket, Target: SOCKET, ReadOnly: true }] }
        : {}),
    },
  };
}

async function attach(engine: Engine, id: string): Promise<Duplex> {
  return await engine.call("attaching to a container", async (docker) => {
    const how = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
    return (await docker.getContainer(id).attach(how)) as Duplex;
  });
}

/** The first line that the forwarder prints; what follows are channels, each to be joined to the socket. */
function listen(stream: Duplex, socket: string, onEnd: () => void): Promise<string> {
  const first = Promise.withResolvers<string>();
  const channels = openChannels({
    write: (bytes) => stream.write(bytes),
    accept: (channel) => join(channel, connect({ path: socket, allowHalfOpen: true })),
  });
  const over = () => {
    onEnd();
    channels.end();
    first.resolve(text);
  };
  let text = "";
  let take: Channels["feed"] = (bytes) => {
    const chunk = Buffer.from(bytes);
    const end = chunk.indexOf("\n");
    text += chunk.subarray(0, end === -1 ? chunk.length : end).toString();
    if (end === -1) return;
    first.resolve(text);
    take = channels.feed;
    take(chunk.subarray(end + 1));
  };
  stream.on(
    "data",
    demultiplexer((bytes) => take(bytes)),
  );
  stream.on("end", over).on("close", over).on("error", over);
  return first.promise;
}

async function within<T>(wait_ms: number, promise: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(noGateway("it did not start in time")), wait_ms);
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
