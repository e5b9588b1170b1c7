// Owns work that several callers wait for: it is stopped once all of them have given it up.

export type Waited = {
  /** Aborted once nobody waits any longer, or with the signal around it. */
  readonly signal: AbortSignal;
  /** Waits for the result until the caller's own signal is aborted, whose reason is thrown. Without a signal: to the end. */
  readonly by: <T>(result: Promise<T>, signal?: AbortSignal) => Promise<T>;
};

export function openWaited(around: AbortSignal): Waited {
  const given_up = new AbortController();
  let waiting = 0;
  return {
    signal: AbortSignal.any([around, given_up.signal]),
    async by(result, signal) {
      waiting++;
      if (signal === undefined) return await result;
      const end = Promise.withResolvers<never>();
      const giveUp = () => {
        waiting--;
        if (waiting === 0) given_up.abort(signal.reason);
        end.reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        return await Promise.race([result, end.promise]);
      } finally {
        signal.removeEventListener("abort", giveUp);
      }
    },
  };
}
