// Owns the connection to a container engine (Docker, or Podman through DOCKER_HOST): every call, its deadline, its errors.
import type Docker from "dockerode";
import { errorMessage, Fault, UsageError } from "../../core/fault.ts";

const CALL_TIMEOUT_MS = 120_000;

export type Engine = {
  /**
   * One request. Throws Fault `engine_gone` when there is no answer (in time), `disk_full`, or `sandbox_failed` with the
   * engine's own words; the signal's reason on abort.
   */
  call<T>(what: string, work: (docker: Docker) => Promise<T>, limits?: CallLimits): Promise<T>;
  /** `linux/amd64`: what the engine runs without emulation. */
  platform(): Promise<string>;
};
export type CallLimits = { readonly timeout_ms?: number; readonly signal?: AbortSignal };

/**
 * The engine that DOCKER_HOST names, else the local one; `socket` names another. Nothing is connected before the first
 * call. Throws UsageError (at the first call) for a DOCKER_HOST that is not an address.
 */
export function openEngine(options: { readonly socket?: string } = {}): Engine {
  let client: Promise<Docker> | undefined;
  const connect = () => {
    client ??= loadClient(options.socket);
    return client;
  };
  const call: Engine["call"] = async (what, work, limits = {}) => {
    const docker = await connect();
    try {
      return await withDeadline(work(docker), limits);
    } catch (error) {
      limits.signal?.throwIfAborted();
      throw engineFault(what, error);
    }
  };
  let platform: Promise<string> | undefined;
  return {
    call,
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

async function loadClient(socket: string | undefined): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  try {
    return new Client(socket === undefined ? {} : { socketPath: socket });
  } catch (error) {
    throw new UsageError(
      `DOCKER_HOST is "${process.env.DOCKER_HOST}", which is not an address (such as unix:///run/docker.sock or tcp://host:2375): ${wordsOf(error)}`,
    );
  }
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

/** What an engine's error is to Tandem: no HTTP status means that no engine answered. */
export function engineFault(what: string, error: unknown): Error {
  if (error instanceof Fault || error instanceof UsageError) return error;
  const words = wordsOf(error);
  if (/no space left on device|disk quota exceeded/i.test(words))
    return new Fault("disk_full", `${what}: ${words}`, {
      hint: "free space where the engine keeps its images (docker system df), or lower --keep-images",
      cause: error,
    });
  if (statusOf(error) === undefined)
    return new Fault("engine_gone", `${what}: the container engine does not answer: ${words}`, {
      hint: "start it and check that `docker info` answers; DOCKER_HOST can name another engine, such as Podman's socket",
      cause: error,
    });
  return new Fault("sandbox_failed", `${what}: the engine refused: ${words}`, {
    hint: "see the engine's message; `docker info` and its log may show more",
    cause: error,
  });
}

/** Whether the engine answered with one of these HTTP statuses. */
export function refusedWith(error: unknown, ...statuses: readonly number[]): boolean {
  const status = statusOf(error instanceof Fault ? error.cause : error);
  return status !== undefined && statuses.includes(status);
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The engine's own message without dockerode's frame around it. */
export function wordsOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "json" in error) {
    const { json } = error;
    if (typeof json === "object" && json !== null && "message" in json)
      return String(json.message).trim();
  }
  return errorMessage(error).trim();
}
