// Owns work that several callers wait for at once: one caller's abort is its own, the last one's stops the work.

type Running<T> = { readonly result: Promise<T>; readonly stop: AbortController; waiting: number };

/** Runs one piece of work a key however many ask; results stay, failures are forgotten and tried again. */
export class SharedWork<T> {
  private readonly running = new Map<string, Running<T>>();

  /** The result under `key`; `work` starts unless it has been started. Throws what the work throws, or the signal's reason. */
  async get(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    const entry = this.running.get(key) ?? this.start(key, work);
    entry.waiting++;
    const aborted = Promise.withResolvers<never>();
    const leave = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([entry.result, aborted.promise]);
    } finally {
      signal?.removeEventListener("abort", leave);
      entry.waiting--;
      if (entry.waiting === 0 && signal?.aborted) this.stop(key, entry);
    }
  }

  private start(key: string, work: (signal: AbortSignal) => Promise<T>): Running<T> {
    const stop = new AbortController();
    const entry = { result: work(stop.signal), stop, waiting: 0 };
    this.running.set(key, entry);
    entry.result.catch(() => this.forget(key, entry));
    return entry;
  }

  private stop(key: string, entry: Running<T>): void {
    entry.stop.abort();
    this.forget(key, entry);
  }

  private forget(key: string, entry: Running<T>): void {
    if (this.running.get(key) === entry) this.running.delete(key);
  }
}
