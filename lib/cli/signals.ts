// Owns what signals ask of a script: to begin nothing new, or to stop now, and which ones it was started to ignore.
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { tell } from "./talk.ts";

export type Interrupts = Disposable & Record<"signal" | "drain", AbortSignal>;

/** Ctrl-C asks; the others stop: `kill`, a closed terminal, Ctrl-\. */
const STOPS = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * SIGTERM, SIGHUP and SIGQUIT stop everything, and so does SIGINT; where units can be finished first, that takes two of
 * them. A further one is not caught: the process ends. A terminal that closes sends several,
 * which count as one. What the process was started to ignore (`nohup`, a background job of a script) stays ignored.
 */
export function listen(drains: boolean): Interrupts {
  const now = new AbortController();
  const soon = new AbortController();
  const stop = () => {
    const reason = new DOMException("interrupted", "AbortError");
    soon.abort(reason);
    now.abort(reason);
    deafen();
  };
  const ask = () => {
    if (!drains || soon.signal.aborted) return stop();
    soon.abort(new DOMException("interrupted", "AbortError"));
    tell(
      "warn",
      "starting no new units; those under way are finished first. Ctrl-C again stops them now",
    );
  };
  const heard = [["SIGINT", ask] as const, ...STOPS.map((name) => [name, stop] as const)].filter(
    ([name]) => !isIgnored(name),
  );
  const deafen = () => {
    for (const [name, listener] of heard) if (name !== "SIGHUP") process.off(name, listener);
  };
  for (const [name, listener] of heard) process.on(name, listener);
  return {
    signal: now.signal,
    drain: soon.signal,
    [Symbol.dispose]() {
      for (const [name, listener] of heard) process.off(name, listener);
    },
  };
}

let ignored: bigint | undefined;

/** Whether the process was started to ignore a signal: from proc(5); where there is none, the lack of a terminal is the sign. */
function isIgnored(name: "SIGINT" | (typeof STOPS)[number]): boolean {
  if (process.platform !== "linux")
    return name === "SIGHUP" && !process.stdout.isTTY && !process.stderr.isTTY;
  ignored ??= BigInt(
    `0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0"}`,
  );
  return ((ignored >> BigInt(constants.signals[name] - 1)) & 1n) === 1n;
}
