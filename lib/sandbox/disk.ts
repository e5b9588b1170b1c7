// Owns ending commands that fill a disk: what their sandbox takes is looked at while a command runs.

export type DiskLimit = {
  /** What a sandbox may write. */
  readonly disk_mib: number;
};
export type DiskWatch = AsyncDisposable & { readonly exceeded: boolean };
export type DiskWatchOptions = DiskLimit & {
  /** What the sandbox takes now. */
  readonly sizeBytes: () => Promise<number>;
  /** Ends all that runs in the sandbox. */
  readonly end: () => Promise<void>;
};

/** Short commands are never looked at; a disk takes a few GB in this time. */
const LOOK_EVERY_MS = 2_000;
/** Files are counted one by one: looking is to take no more than a twentieth of the time. */
const REST = 20;
const MIB = 1024 ** 2;

/** Watches until it is disposed of. The limit on one file's size does not stop many files. */
export function watchDisk(options: DiskWatchOptions): DiskWatch {
  const watch = { exceeded: false, over: false, ending: Promise.resolve() };
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const started = performance.now();
    const size = await options.sizeBytes();
    if (watch.over) return;
    if (size > options.disk_mib * MIB) {
      watch.exceeded = true;
      watch.ending = options.end();
      // Whoever disposes of the watch hears of it; there may be no waiter yet.
      watch.ending.catch(() => undefined);
      return;
    }
    next(REST * (performance.now() - started));
  };
  const next = (rest_ms: number) => {
    // An engine that cannot report the size, because it is gone, ends the command itself, with a fault that reports it.
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
