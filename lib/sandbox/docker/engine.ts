// Owns the connection to a container engine (Docker, or Podman through DOCKER_HOST): every call, its deadline, its errors.
import type Docker from "dockerode";
import type { Named } from "./address.ts";
import { engineFault } from "./answers.ts";
import { namedEngine } from "./contexts.ts";
import { type Link, openLink } from "./engine-link.ts";

export { engineFault, refusedWith, wordsOf } from "./answers.ts";

const CALL_TIMEOUT_MS = 120_000;

export type Engine = {
  /**
   * One request. Throws Fault `engine_gone` when there is no answer (in time), `disk_full`, or `sandbox_failed` with the
   * engine's own words; the signal's reason on abort.
   */
  call<T>(what: string, work: (docker: Docker) => Promise<T>, limits?: CallLimits): Promise<T>;
  /** `linux/amd64`: what the engine runs without emulation. */
  platform(): Promise<string>;
  /** Which engine it is. Throws UsageError where the environment names none that can be. */
  where(): Named;
};
export type CallLimits = { readonly timeout_ms?: number; readonly signal?: AbortSignal };

export type EngineOptions = {
  /** Path of its socket. */
  readonly socket?: string | undefined;
  /** It, in place of the environment's. */
  readonly named?: Named | undefined;
};

/**
 * The engine that the environment names (DOCKER_HOST, a context of Docker's), else the local one. Nothing is connected before
 * the first call. Throws UsageError (at the first call) for an address that is none.
 */
export function openEngine(options: EngineOptions = {}): Engine {
  const where = () => {
    known ??= engineOf(options);
    return known;
  };
  let known: Named | undefined;
  const connect = linkTo(where);
  const call: Engine["call"] = async (what, work, limits = {}) => {
    let link: Link | undefined;
    const working = async () => {
      link = await connect();
      return await work(link.client);
    };
    try {
      return await withDeadline(working(), limits);
    } catch (error) {
      limits.signal?.throwIfAborted();
      link?.failed(error);
      throw engineFault(what, error, { named: where(), words: link?.words() ?? "" });
    }
  };
  let platform: Promise<string> | undefined;
  return {
    call,
    where,
    platform() {
      platform ??= call("asking for the version", async (docker) => {
        const { Os, Arch } = await docker.version();
        return `${Os}/${Arch}`;
      });
      // An engine that comes back answers the next question.
      platform.catch(() => {
        platform = undefined;
      });
      return platform;
    },
  };
}

function engineOf({ socket, named }: EngineOptions): Named {
  if (named !== undefined) return named;
  if (socket === undefined) return namedEngine();
  return { address: { way: "socket", path: socket }, whose: undefined };
}

/** One link for all calls; a new one when there was none to be had, or it has ended. */
function linkTo(where: () => Named): () => Promise<Link> {
  let link: Promise<Link> | undefined;
  return async () => {
    const opening = link ?? openLink(where());
    link = opening;
    try {
      const opened = await opening;
      if (!opened.ended()) return opened;
    } catch (error) {
      if (link === opening) link = undefined;
      throw error;
    }
    if (link === opening) link = undefined;
    link ??= openLink(where());
    return await link;
  };
}

async function withDeadline<T>(work: Promise<T>, limits: CallLimits): Promise<T> {
  const { timeout_ms = CALL_TIMEOUT_MS, signal } = limits;
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new Error(`no answer within ${timeout_ms / 1000} s`)),
    timeout_ms,
  );
  const leave = () => over.reject(signal?.reason);
  signal?.addEventListener("abort", leave, { once: true });
  // The answer may still come, or fail, after the caller has stopped waiting.
  work.catch(() => undefined);
  try {
    signal?.throwIfAborted();
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}
