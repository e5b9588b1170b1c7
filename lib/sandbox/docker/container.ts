// Owns one container of a sandbox: what it may do, how it waits, and its removal.
import type { ContainerCreateOptions } from "dockerode";
import { Fault } from "../../core/fault.ts";
import type { Network } from "../network.ts";
import type { SharedMount } from "../share.ts";
import { type ContainerNetwork, forgetBridge, networkFor } from "./bridge.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { keepUp, PROLONGED_S } from "./keep-up.ts";
import { labelsOf } from "./owner.ts";

export type ContainerLimits = {
  readonly memory_mib: number;
  readonly cpus: number;
  readonly pids: number;
  readonly network: Network;
  /** After this long the container ends by itself, whatever became of the process that made it. */
  readonly max_lifetime_ms: number;
};
export type ContainerRequest = ContainerLimits & {
  /** Id of the image, or its name. */
  readonly image: string;
  /** Name of the image, for people who look at the labels. */
  readonly image_name: string;
  /** The unit it works for. */
  readonly key: string;
  readonly env: readonly string[];
  /** Volumes it has in common with other containers; `source` is the volume's name. */
  readonly shared?: readonly SharedMount[];
  /** Called with its id before it starts. */
  readonly created?: (id: string) => Promise<void>;
  readonly signal?: AbortSignal;
};
export type Container = AsyncDisposable & { readonly id: string };

const MIB = 1024 ** 2;
const LONGEST_FILE_BYTES = 8 * 1024 ** 3;
/** More than test suites need, and below the hard limit of common engines, which no container may exceed. */
const OPEN_FILES = 16_384;
/** What package managers, and git on files of another user, need from root; all other powers are dropped. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"];
const NETWORK_TRIES = 3;
const NO_NETWORK: ContainerNetwork = { name: "none", [Symbol.asyncDispose]: async () => undefined };
/** A hanging removal must not hold up the end of a run. */
const REMOVE_TIMEOUT_MS = 60_000;

/**
 * Creates and starts a container that only waits. Throws Fault `no_image` when the engine has no such image,
 * `sandbox_failed` when it cannot be started; then nothing is left.
 */
export async function startContainer(
  engine: Engine,
  request: ContainerRequest,
): Promise<Container> {
  for (let tries = 1; ; tries++) {
    const network =
      request.network === "open"
        ? await networkFor(engine, { key: request.key, lifetime_ms: request.max_lifetime_ms })
        : NO_NETWORK;
    try {
      return await startOn(engine, request, network);
    } catch (error) {
      await network[Symbol.asyncDispose]();
      // It was removed before it was used.
      if (!isNetworkGone(error) || tries === NETWORK_TRIES) throw error;
      forgetBridge(engine);
    }
  }
}

function isNetworkGone(error: unknown): boolean {
  return refusedWith(error, 404) && error instanceof Error && /\bnetwork\b/i.test(error.message);
}

async function startOn(
  engine: Engine,
  request: ContainerRequest,
  network: ContainerNetwork,
): Promise<Container> {
  const { signal } = request;
  signal?.throwIfAborted();
  // No abort here: a container that is being created would be left behind.
  const id = await create(engine, request, network.name);
  try {
    signal?.throwIfAborted();
    await request.created?.(id);
    await engine.call("starting a container", (docker) => docker.getContainer(id).start());
    signal?.throwIfAborted();
    return {
      id,
      async [Symbol.asyncDispose]() {
        await removeContainer(engine, id);
        await network[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await removeContainer(engine, id);
    throw error;
  }
}

async function create(engine: Engine, request: ContainerRequest, network: string): Promise<string> {
  try {
    const container = await engine.call("creating a container", (docker) =>
      docker.createContainer(settings(request, network)),
    );
    return container.id;
  } catch (error) {
    if (!refusedWith(error, 404) || isNetworkGone(error)) throw error;
    throw new Fault("no_image", `the engine lost the image ${request.image_name}`, {
      hint: "it was removed while it was in use: run again",
      cause: error,
    });
  }
}

function settings(request: ContainerRequest, network: string): ContainerCreateOptions {
  const memory = Math.round(request.memory_mib * MIB);
  return {
    Image: request.image,
    // Podman takes an empty entry point for none given, and then the image's own.
    Entrypoint: ["sh", "-c", keepUp(request.max_lifetime_ms)],
    Cmd: [],
    ...{ OpenStdin: true, StdinOnce: true, AttachStdin: true },
    ...{ AttachStdout: true, AttachStderr: true },
    Env: [...request.env],
    Labels: {
      ...labelsOf(request.key, request.max_lifetime_ms),
      "tandem.image": request.image_name,
    },
    HostConfig: {
      // What commands print is not for the engine to keep.
      LogConfig: { Type: "none", Config: {} },
      Init: true,
      NetworkMode: network,
      SecurityOpt: ["no-new-privileges"],
      CapDrop: ["ALL"],
      CapAdd: CAPABILITIES,
      ...(request.shared?.length ? { Binds: request.shared.map(volumeMount) } : {}),
      PidsLimit: request.pids,
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(request.cpus * 1e9),
      Ulimits: [
        { Name: "core", Soft: 0, Hard: 0 },
        { Name: "fsize", Soft: LONGEST_FILE_BYTES, Hard: LONGEST_FILE_BYTES },
        { Name: "nofile", Soft: OPEN_FILES, Hard: OPEN_FILES },
      ],
    },
  };
}

/** `nocopy`: without it an image's own files at that path would be put into the volume. */
function volumeMount({ source, path, writable }: SharedMount): string {
  return `${source}:${path}:${writable ? "rw" : "ro"},nocopy`;
}

/** Lets a container live this many milliseconds longer, in whole minutes. Throws the engine's Faults. */
export async function prolongContainer(engine: Engine, id: string, ms: number): Promise<void> {
  for (let left_s = ms / 1000; left_s > 0; left_s -= PROLONGED_S)
    await engine.call("letting a container live longer", (docker) =>
      docker.getContainer(id).kill({ signal: "SIGUSR2" }),
    );
}

/**
 * Removes a container with its volumes, running or not. One that is gone already, or an engine that is, is nothing to
 * report: what an absent engine still has carries its labels, and is reaped later.
 */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await engine.call(
      "removing a container",
      (docker) => docker.getContainer(id).remove({ force: true, v: true }),
      { timeout_ms: REMOVE_TIMEOUT_MS },
    );
  } catch (error) {
    const gone = error instanceof Fault && error.code === "engine_gone";
    // 409: its removal is under way already.
    if (!gone && !refusedWith(error, 404, 409)) throw error;
  }
}

/** Throws Fault `sandbox_failed` when the container is not running any more, `engine_gone` when the engine does not answer. */
export async function assertRunning(engine: Engine, id: string): Promise<void> {
  const state = await stateOf(engine, id);
  if (state?.Running) return;
  const end = state
    ? `ended (exit status ${state.ExitCode}${state.OOMKilled ? ", out of memory" : ""})`
    : "was removed";
  throw new Fault("sandbox_failed", `the container ${id.slice(0, 12)} ${end} while it was needed`, {
    hint: "run again; if it happens again, raise --memory or see the engine's log",
  });
}

/** What the engine says of a container; undefined when it has none of that id. */
export async function stateOf(engine: Engine, id: string) {
  try {
    const { State } = await engine.call("looking at a container", (docker) =>
      docker.getContainer(id).inspect(),
    );
    return State;
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}
