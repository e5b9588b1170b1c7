// Owns the flags that say where units are worked on: in this process, or by workers of a queue.
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import type { Place } from "../engine/place.ts";
import { oneOf, positiveNumber } from "./args.ts";
import type { FlagsDef } from "./flag-forms.ts";

export const ENGINES = ["here", "bullmq"] as const;
const QUEUE = "tandem";

export const QUEUE_ARG = {
  queue: {
    type: "string",
    group: "work",
    description: "name of the queue on the server",
    otherwise: "the study's name, or the run's; else tandem",
    valueHint: "name",
  },
} as const satisfies FlagsDef;
export const ARTIFACTS_ARG = {
  artifacts: {
    type: "string",
    group: "work",
    description: "store for bytes that are too large for Redis, spoken to in S3's protocol",
    valueHint: "s3://bucket/prefix",
  },
} as const satisfies FlagsDef;
export const ENGINE_ARGS = {
  engine: {
    type: "string",
    group: "work",
    description: "where units are worked on: in this process, or by workers over a queue on Redis",
    choices: ENGINES,
    otherwise: "here",
    valueHint: "engine",
  },
  ...QUEUE_ARG,
  ...ARTIFACTS_ARG,
  "worker-silence": {
    type: "string",
    group: "work",
    description: "a worker that is silent for so long has lost its units",
    default: "30",
    valueHint: "s",
  },
} as const satisfies FlagsDef;
/** For commands in which --redis says nothing else. */
export const REDIS_ARG = {
  redis: {
    type: "string",
    group: "work",
    description: "with --engine bullmq: the server of the queue",
    valueHint: "url",
  },
} as const satisfies FlagsDef;

export type EngineFlags = {
  readonly engine?: string | undefined;
  readonly redis?: string | undefined;
  readonly queue?: string | undefined;
  readonly artifacts?: string | undefined;
  readonly "worker-silence"?: string | undefined;
};
/** Where units are worked on, and the address for messages that the flags leave: with a queue, --redis is the queue's. */
export type OpenedEngine = AsyncDisposable & { readonly place: Place | undefined };

const NAMES = ["engine", "redis", "queue", "artifacts", "worker-silence"] as const;
/** Flags that a command was given through another one. */
export function engineFlags(flags: Readonly<Record<string, unknown>>): EngineFlags {
  return Object.fromEntries(
    NAMES.flatMap((name) => (typeof flags[name] === "string" ? [[name, flags[name]]] : [])),
  );
}

/** Whether the flags ask for workers of a queue. */
export function isQueued({ engine }: EngineFlags): boolean {
  return engine === "bullmq";
}

/**
 * Opens what the flags name; `name` is that of the study or run. Throws UsageError, also for flags that mean nothing without
 * a queue.
 */
export async function openEngine(
  flags: EngineFlags,
  { ledger, name }: { readonly ledger: Ledger; readonly name: string | undefined },
): Promise<OpenedEngine> {
  const { redis, queue, artifacts = null } = flags;
  await oneOf("--engine", flags.engine ?? "here", ENGINES);
  if (!isQueued(flags)) {
    const alone = (["queue", "artifacts"] as const).find((flag) => flags[flag] !== undefined);
    if (alone) throw new UsageError(`--${alone} goes with --engine bullmq`);
    return { place: undefined, [Symbol.asyncDispose]: async () => undefined };
  }
  if (redis === undefined || redis === "auto")
    throw new UsageError(
      "--engine bullmq needs the server of its queue: --redis redis://HOST:6379",
    );
  const { openQueuePlace } = await import("../queue/place.ts");
  const { queueName } = await import("../queue/keys.ts");
  const seconds = positiveNumber("--worker-silence", flags["worker-silence"] ?? "30", 3_600);
  const place = await openQueuePlace({
    ...{ ledger, url: redis, artifacts },
    queue: queueName(queue ?? name ?? QUEUE),
    silence_ms: seconds * 1000,
  });
  return { place, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}
