// Owns ending commands that fill the engine's disk: the size of a container's own layer, looked at while a command runs.
import type { ContainerInspectOptions } from "dockerode";
import type { Engine } from "./engine.ts";

export type DiskLimit = {
  /** What a sandbox may write on top of its image; volumes do not count. */
  readonly disk_mib: number;
};
export type DiskWatch = AsyncDisposable & { readonly exceeded: boolean };
export type DiskWatchOptions = DiskLimit & {
  readonly engine: Engine;
  readonly container_id: string;
  /** Ends all that runs in the container. */
  readonly end: () => Promise<void>;
};

/** Short commands are never looked at; a disk takes a few GB in this time. */
const LOOK_EVERY_MS = 2_000;
/** The engine counts files one by one: looking is to take no more than a twentieth of its time. */
const REST = 20;
const MIB = 1024 ** 2;
/** A question, and an answer, that the types of the client do not know. */
const WITH_SIZE: ContainerInspectOptions & { readonly size: true } = { size: true };

/**
 * Watches until it is disposed of. Common engines have no limit of their own here: quotas need XFS with project quota,
 * and the limit on one file's size does not stop many files.
 */
export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const watch = { exceeded: false, over: false, ending: Promise.resolve() };
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const started = performance.now();
    const size = await layerBytes(options);
    if (watch.over) return;
    if (size > options.disk_mib * MIB) {
      watch.exceeded = true;
      watch.ending = options.end();
      // Whoever disposes of the watch hears of it; nobody may be waiting yet.
      watch.ending.catch(() => undefined);
      return;
    }
    next(REST * (performance.now() - started));
  };
  const next = (rest_ms: number) => {
    // An engine that does not answer ends the command by itself, with a fault that says so.
    timer = setTimeout(() => void look().catch(() => next(0)), Math.max(LOOK_EVERY_MS, rest_ms));
  };
  next(0);
  return {
    get exceeded() {
      return watch.exceeded;
    },
    async [Symbol.asyncDispose]() {
      watch.over = true;
      clearTimeout(timer);
      await watch.ending;
    },
  };
}

async function layerBytes({ engine, container_id }: DiskWatchOptions): Promise<number> {
  const found = await engine.call("measuring a container", (docker) =>
    docker.getContainer(container_id).inspect(WITH_SIZE),
  );
  return sizeIn(found);
}

function sizeIn(answer: object): number {
  return "SizeRw" in answer && typeof answer.SizeRw === "number" ? answer.SizeRw : 0;
}
