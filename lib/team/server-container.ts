// Owns our own Redis server in a container: published on loopback only, and labelled so that it is found once we are gone.
import type { ContainerCreateOptions } from "dockerode";
import { Fault } from "../core/fault.ts";
import { addressText, isOnLoopback } from "../sandbox/docker/address.ts";
import { removeContainer } from "../sandbox/docker/container.ts";
import { type Engine, openEngine, refusedWith } from "../sandbox/docker/engine.ts";
import { pullImage } from "../sandbox/docker/fetch-image.ts";
import { labelsOf } from "../sandbox/docker/owner.ts";
import { findLeftovers, removeLeftover } from "../sandbox/docker/reap.ts";
import { tarOf } from "../sandbox/docker/tar.ts";
import { freePort, type OwnServer, randomPassword, settings, untilAnswers } from "./own-server.ts";

export type ContainerServerOptions = {
  readonly image?: string;
  readonly engine?: Engine;
  readonly signal?: AbortSignal | undefined;
};

const IMAGE = "redis:7-alpine";
const KEY = "mailroom";
const PORT = 6379;
const FOLDER = "/tandem";
const MIB = 1024 ** 2;
const MEMORY_MIB = 512;
const LIFETIME_MS = 24 * 60 * 60_000;
const PULL_MS = 10 * 60_000;
const BACK_OFF_MS = 2_000;
const START_MS = 30_000;
const PORT_TRIES = 5;

/**
 * The server keeps its data in the container, which the engine starts again when it is killed. When this process is
 * killed the container stays until its labels are looked at: by the next such start, a docker sandbox, or `clean`.
 * Throws what the engine throws, Fault `no_image` when the image cannot be had, `mailbox_gone` when it does not answer.
 */
export async function startContainerServer(
  options: ContainerServerOptions = {},
): Promise<OwnServer> {
  const { engine = openEngine(), signal } = options;
  assertReachable(engine);
  await removeLeft(engine);
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    try {
      return await startOn(await freePort(), { engine, signal, image: options.image ?? IMAGE });
    } catch (error) {
      const words = error instanceof Error ? error.message : "";
      if (tries === PORT_TRIES || !/port is already|address already in use/i.test(words))
        throw error;
    }
  }
}

/** What the engine publishes on its own loopback must be on this machine's. */
function assertReachable(engine: Engine): void {
  const { address } = engine.where();
  if (isOnLoopback(address)) return;
  throw new Fault(
    "mailbox_gone",
    `a Redis server in a container would be on another machine: ${addressText(address)}`,
    { hint: "install redis-server here, or name a server with --redis" },
  );
}

/** Servers of dead processes; other leftovers are not ours to look after. */
async function removeLeft(engine: Engine): Promise<void> {
  const left = await findLeftovers(engine);
  for (const server of left.filter(({ key }) => key === KEY)) await removeLeftover(engine, server);
}

async function startOn(
  port: number,
  { engine, signal, image }: Required<Omit<ContainerServerOptions, "signal">> & Signalled,
): Promise<OwnServer> {
  await using stack = new AsyncDisposableStack();
  const password = randomPassword();
  const id = await create(engine, createOptions(image, port), signal);
  stack.defer(() => removeContainer(engine, id));
  const config = settings({ port: PORT, password, bind: "0.0.0.0", folder: FOLDER });
  const file = { path: `${FOLDER}/redis.conf`, bytes: Buffer.from(config), mode: 0o600 };
  const archive = await tarOf([file]);
  await engine.call("giving a Redis server its settings", (docker) =>
    docker.getContainer(id).putArchive(archive, { path: "/" }),
  );
  await engine.call("starting a Redis server", (docker) => docker.getContainer(id).start());
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const ended = new Promise<boolean>(() => {});
  if (!(await untilAnswers(url, { timeout_ms: START_MS, ended, signal })))
    throw new Fault("mailbox_gone", `the Redis server in a container of ${image} does not answer`, {
      hint: "an engine on another machine cannot be reached by loopback: name a server with --redis",
    });
  const held = stack.move();
  const description = `a container of ${image} started for this run`;
  return { url, description, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
type Signalled = { readonly signal: AbortSignal | undefined };

/** No abort while it is being created: the container would be left behind. */
async function create(
  engine: Engine,
  settings: ContainerCreateOptions,
  signal = new AbortController().signal,
): Promise<string> {
  const make = () =>
    engine.call("creating a Redis server", (docker) => docker.createContainer(settings));
  try {
    return (await make()).id;
  } catch (error) {
    if (!refusedWith(error, 404)) throw error;
  }
  await pullImage(engine, {
    reference: settings.Image ?? IMAGE,
    timeout_ms: PULL_MS,
    back_off_ms: BACK_OFF_MS,
    on_progress: () => {},
    signal,
  });
  return (await make()).id;
}

function createOptions(image: string, port: number): ContainerCreateOptions {
  return {
    Image: image,
    // Podman takes an empty entry point for none given, and then the image's own.
    Entrypoint: ["redis-server", `${FOLDER}/redis.conf`],
    Cmd: [],
    Labels: { ...labelsOf(KEY, LIFETIME_MS), "tandem.image": image },
    ExposedPorts: { [`${PORT}/tcp`]: {} },
    HostConfig: {
      PortBindings: { [`${PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 5 },
      SecurityOpt: ["no-new-privileges"],
      CapDrop: ["ALL"],
      PidsLimit: 64,
      Memory: MEMORY_MIB * MIB,
      MemorySwap: MEMORY_MIB * MIB,
    },
  };
}
