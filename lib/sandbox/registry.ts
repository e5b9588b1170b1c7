// Owns the registry of backends: the name of each, the settings it takes, and the file that it is loaded from when it is asked for.
import { resolve } from "node:path";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import type { BackendObject, Place } from "./backend.ts";
import { DOCKER_OPTIONS } from "./docker/options.ts";
import { NETWORK } from "./options.ts";
import type { Backend, OpenedAs } from "./sandbox.ts";

export const BACKENDS = {
  local: { options: NETWORK, load: async () => (await import("./local/backend.ts")).local },
  docker: {
    options: DOCKER_OPTIONS,
    load: async () => (await import("./docker/backend.ts")).docker,
  },
} as const;

export type BackendName = keyof typeof BACKENDS;
export const BACKEND_NAMES = Object.keys(BACKENDS) as BackendName[];
/** The backend when none is named. */
export const DEFAULT_BACKEND = "local" satisfies BackendName;

/** The one whose images of tasks can be made warm. */
export const WARMING_BACKEND = "docker" satisfies BackendName;

/** A row: `options` are rows of the table of settings, by their names. */
export type BackendRow<Options> = {
  readonly options: Readonly<Record<string, unknown>>;
  readonly load: () => Promise<BackendObject<Options>>;
};
export type Backends<Options> = Readonly<Record<string, BackendRow<Options>>>;

type Loaded = { [Name in BackendName]: Awaited<ReturnType<(typeof BACKENDS)[Name]["load"]>> };
/** What is all members of a union at once. */
export type Both<Union> = (Union extends unknown ? (part: Union) => void : never) extends (
  whole: infer Whole,
) => void
  ? Whole
  : never;
/** The options of all backends; each takes its own, and the flags refuse those of others. */
export type BackendOptions = Both<Parameters<Loaded[BackendName]["open"]>[0]>;

export type BackendRequest<Options> = {
  readonly name: string;
  readonly log_dir: string;
  readonly hidden: readonly string[];
  readonly unsafe_local: boolean;
  readonly options: Options;
  readonly say?: Place["say"];
};

/** The backend under that name, ready to open sandboxes. Throws UsageError for one it does not know. */
export async function openBackend(request: BackendRequest<BackendOptions>): Promise<Backend>;
export async function openBackend<Options>(
  request: BackendRequest<Options>,
  backends: Backends<Options>,
): Promise<Backend>;
export async function openBackend(
  { name, log_dir, hidden, unsafe_local, options, say }: BackendRequest<BackendOptions>,
  backends: Backends<BackendOptions> = BACKENDS,
): Promise<Backend> {
  const backend = await loadBackend(name, backends);
  const cache_dir = resolve(log_dir, ".cache");
  const place = { cache_dir, hidden, unsafe_local, say };
  const { engines } = options;
  const opened =
    engines === undefined || backend.openMany === undefined
      ? backend.open(options, place)
      : await backend.openMany(options, { ...place, engines });
  const plain = plainOf(options, backends[name]?.options ?? {});
  return { ...opened, opened_as: { name, unsafe_local, options: plain } };
}

/** The options that are said, as JSON has them: files are this machine's own. */
function plainOf(options: object, rows: Readonly<Record<string, unknown>>): OpenedAs["options"] {
  const isPlain = ([name, value]: [string, unknown]) =>
    ["string", "number", "boolean"].includes(typeof value) && !isFile(rows[name]);
  return Object.fromEntries(Object.entries(options).filter(isPlain));
}

function isFile(row: unknown): boolean {
  const { kind } = (row ?? {}) as { readonly kind?: { readonly is?: unknown } };
  return kind?.is === "file";
}

/** The object under that name. Throws UsageError naming the nearest. */
export async function loadBackend<Options = BackendOptions>(
  name: string,
  backends?: Backends<Options>,
): Promise<BackendObject<Options>>;
export async function loadBackend(
  name: string,
  backends: Backends<BackendOptions> = BACKENDS,
): Promise<BackendObject<BackendOptions>> {
  const row = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (row === undefined) throw new UsageError(unknownName("backend", name, Object.keys(backends)));
  return await row.load();
}

/** The name when it is a backend's. Throws UsageError naming the nearest. */
export function backendName(name: string): BackendName {
  const found = BACKEND_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("backend", name, BACKEND_NAMES));
}
