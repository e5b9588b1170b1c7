// Owns the docker backend: a container of the task's image for every sandbox, on Docker, Podman or a remote engine.
import { Fault } from "../../core/fault.ts";
import type { DiskLimit } from "../disk.ts";
import { checkNetwork, type Network, type Networks, networkOf } from "../network.ts";
import type { Backend, Base, OpenOptions, ProgramFolder, TaskFiles } from "../sandbox.ts";
import { SharedWork } from "../shared.ts";
import { cachedBase, exportBase } from "./base.ts";
import type { ContainerLimits } from "./container.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { ImageProgress } from "./fetch-image.ts";
import { readKnown, writeKnown } from "./image-cache.ts";
import { type ImageNaming, imageNames } from "./image-name.ts";
import { imageRunner } from "./image-runner.ts";
import { type ImageInfo, type ImageLease, Images } from "./images.ts";
import { openOomWatch } from "./oom.ts";
import { DOCKER_OPTIONS } from "./options.ts";
import { keepVolume, keepVolumeThere, platformOf } from "./program-volume.ts";
import { reap } from "./reap.ts";
import { type DockerSandbox, openSandbox } from "./sandbox.ts";
import { openVolumes } from "./volumes.ts";

export type DockerOptions = ImageNaming &
  Omit<ContainerLimits, "network"> &
  DiskLimit & {
    /** Of agents and suites alike; absent: open for agents, none for suites on warm images, else open for them too. */
    readonly network?: Network | undefined;
    /** Folder for exported bases and what is known of images, kept between calls. */
    readonly cache_dir: string;
    /** Build an absent image from the task's Dockerfile instead of pulling it. */
    readonly build: boolean;
    /** Pulled images that stay after their last use; Infinity keeps all. */
    readonly keep_images: number;
    /** Deadline of one try to pull or build an image. */
    readonly pull_timeout_ms?: number;
    /** Wait before a pull is tried again; doubled each time. */
    readonly back_off_ms?: number;
    readonly on_progress?: (progress: ImageProgress) => void;
    /** Path of an engine's socket instead of DOCKER_HOST's. */
    readonly socket?: string;
    /** The engine in place of the one that the environment names. */
    readonly engine?: Engine;
  };

/** What a caller gets who names nothing but the cache. */
export const DOCKER_DEFAULTS = {
  build: DOCKER_OPTIONS.build.default,
  keep_images: Number.POSITIVE_INFINITY,
  memory_mib: DOCKER_OPTIONS.memory_mib.default,
  cpus: DOCKER_OPTIONS.cpus.default,
  pids: DOCKER_OPTIONS.pids.default,
  disk_mib: DOCKER_OPTIONS.disk_mib.default,
  max_lifetime_ms: 4 * 60 * 60_000,
} as const satisfies Omit<DockerOptions, "cache_dir">;
export const DOCKER_NETWORKS = {
  agents: "open",
  suites: "open",
  warm_suites: "none",
} as const satisfies Networks;
const NEVER = new AbortController().signal;
const PULL_TIMEOUT_MS = 60 * 60_000;
const BACK_OFF_MS = 2_000;

/** A backend that also gives what is docker's own: files by the archive, the container's id. */
export type DockerBackend = Omit<Backend, "open"> & {
  open(options: OpenOptions): Promise<DockerSandbox>;
  readonly image: {
    /** The task's image when the engine has it. */
    local(task: TaskFiles): Promise<ImageInfo | undefined>;
    /** The task's image, fetched where it is missing; it stays while it is held. */
    lease(task: TaskFiles, signal: AbortSignal | undefined): Promise<ImageLease>;
  };
};

/** The backend over the engine that DOCKER_HOST names. Throws UsageError for names of images that cannot be. */
export function dockerBackend(options: DockerOptions): DockerBackend {
  const { cache_dir } = options;
  const nameOf = imageNames(options);
  const engine = options.engine ?? openEngine({ socket: options.socket });
  const ooms = openOomWatch(engine);
  const images = new Images(engine, {
    build: options.build,
    keep_images: options.keep_images,
    pull_timeout_ms: options.pull_timeout_ms ?? PULL_TIMEOUT_MS,
    back_off_ms: options.back_off_ms ?? BACK_OFF_MS,
    on_progress: options.on_progress ?? (() => undefined),
  });
  const networkFor = (
    purpose: OpenOptions["purpose"],
    { is_warm, needs_gateway = false }: { is_warm: boolean; needs_gateway?: boolean },
  ) => {
    const { network } = options;
    return networkOf({ networks: DOCKER_NETWORKS, purpose, is_warm, network, needs_gateway });
  };
  const bases = new SharedWork<Base>();
  const cleared = new SharedWork<unknown>();
  const proven = new Map<string, string>();
  const programs = new Map<string, ProgramFolder>();

  const open = async (request: OpenOptions): Promise<DockerSandbox> => {
    const { task, purpose, signal } = request;
    await cleared.get("", () => reap(engine), signal);
    const lease = await images.lease({ reference: nameOf(task), dir: task.dir, signal });
    try {
      const { image } = lease;
      const needs_gateway = request.gateway !== undefined;
      const network = networkFor(purpose, { is_warm: image.is_warm, needs_gateway });
      const { source = "" } = request.program ?? {};
      const folder = programs.get(source);
      if (folder) await keepVolumeThere(engine, { image, folder, source }, signal ?? NEVER);
      const plan = { engine, ooms, image, proven, limits: { ...options, network } };
      return releasing(await openSandbox(plan, request), lease);
    } catch (error) {
      lease[Symbol.dispose]();
      throw error;
    }
  };
  const makeBase = async (task: TaskFiles, signal: AbortSignal): Promise<Base> => {
    using lease = await images.lease({ reference: nameOf(task), dir: task.dir, signal });
    const { digest } = lease.image;
    const known = await cachedBase(cache_dir, digest);
    if (known) return remembered(lease.image, known);
    const label = `base/${task.repo}/task${task.task_id}`;
    await using sandbox = await open({ task, label, purpose: "suite", signal });
    return remembered(lease.image, await exportBase(sandbox, { cache_dir, digest }, signal));
  };
  const remembered = (image: ImageInfo, base: Base): Base => {
    writeKnown(cache_dir, {
      ...image,
      repo_digests: [...image.repo_digests],
      tree: base.tree,
    });
    return base;
  };
  const within = async <T>(
    task: TaskFiles,
    signal: AbortSignal | undefined,
    work: (image: ImageInfo, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const stop = signal ?? NEVER;
    using lease = await images.lease({ reference: nameOf(task), dir: task.dir, signal: stop });
    return await work(lease.image, stop);
  };
  /** The image here, else what is known of the one that was here; an engine that is gone knows nothing. */
  const imageOf = async (task: TaskFiles): Promise<Known | undefined> => {
    const reference = nameOf(task);
    const here = await images.local(reference).catch(undefinedWhenGone);
    return here ?? readKnown(cache_dir, reference);
  };

  return {
    name: "docker",
    assertNetwork: ({ needs_gateway }) => checkNetwork({ ...options, needs_gateway }),
    limits: { memory_mib: options.memory_mib, pids: options.pids, disk_mib: options.disk_mib },
    runner: imageRunner,
    images: {
      name: nameOf,
      digests: async (task) => digestsOf(await imageOf(task)),
      assert: (task, digests, signal) =>
        within(task, signal, async (image) => assertImage(image, digests)),
    },
    async environment(task) {
      const image = await imageOf(task);
      if (image === undefined) return undefined;
      // Results without network are others than those with it.
      const network = networkFor("suite", image) === "none" ? " network none" : "";
      return `docker ${image.digest}${network}`;
    },
    base: (task, signal) => bases.get(nameOf(task), (stop) => makeBase(task, stop), signal),
    async baseAtHand(task) {
      const image = await imageOf(task);
      return image && (await cachedBase(cache_dir, image.digest));
    },
    open,
    platform: (task, signal) =>
      within(task, signal, (image, stop) => platformOf(engine, image, stop)),
    keepProgram: (task, folder, signal) =>
      within(task, signal, async (image, stop) => {
        const kept = await keepVolume(engine, { image, folder }, stop);
        programs.set(kept.source, folder);
        return kept;
      }),
    openShare: (request) => openVolumes(engine, request, options.max_lifetime_ms),
    ...(options.socket === undefined && { suites: () => cpusOf(engine) }),
    image: {
      local: (task) => images.local(nameOf(task)),
      lease: (task, signal) => images.lease({ reference: nameOf(task), dir: task.dir, signal }),
    },
  };
}

/** An engine behind this machine's socket has this machine's CPUs, and need not be asked. */
async function cpusOf(engine: Engine): Promise<number> {
  if (engine.where().address.way === "socket") return navigator.hardwareConcurrency;
  const { NCPU } = await engine.call("asking the engine what it is", (docker) => docker.info());
  return NCPU;
}

type Known = Pick<ImageInfo, "digest" | "repo_digests" | "is_warm">;

/** Engines with different stores give one image different ids, but the same digest of its repository. */
function digestsOf(image: Known | undefined): string[] {
  return image === undefined ? [] : [image.digest, ...image.repo_digests];
}

function assertImage(image: ImageInfo, digests: readonly string[]): void {
  const own = digestsOf(image);
  if (own.some((digest) => digests.includes(digest))) return;
  throw new Fault(
    "no_image",
    `the image ${image.reference} is ${image.digest} on this machine, not ${digests[0]}`,
    {
      hint: `pull ${image.reference} anew on both machines, or name it by a tag that does not move`,
    },
  );
}

function undefinedWhenGone(error: unknown): undefined {
  if (error instanceof Fault && error.code === "engine_gone") return undefined;
  throw error;
}

/** The sandbox, whose end lets go of its image. */
function releasing(sandbox: DockerSandbox, lease: Disposable): DockerSandbox {
  return {
    ...sandbox,
    async [Symbol.asyncDispose]() {
      try {
        await sandbox[Symbol.asyncDispose]();
      } finally {
        lease[Symbol.dispose]();
      }
    },
  };
}
