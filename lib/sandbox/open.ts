// Owns the names of backends.
import { resolve } from "node:path";
import { UsageError } from "../fault.ts";
import { unknownName } from "../nearest.ts";
import type { Backend } from "./sandbox.ts";

export const BACKENDS = ["local"] as const;
export type BackendName = (typeof BACKENDS)[number];

export type BackendOptions = {
  readonly name: string;
  readonly log_dir: string;
  /** Folders an isolated command must not see. */
  readonly hidden: readonly string[];
  readonly unsafe_local: boolean;
};

/** The backend under that name. Throws UsageError for one it does not know. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const name = backendName(options.name);
  const { localBackend } = await import("./local.ts");
  switch (name) {
    case "local":
      return localBackend({ ...options, cache_dir: resolve(options.log_dir, ".cache") });
  }
}

/** The name when it is a backend's. Throws UsageError naming the nearest. */
export function backendName(name: string): BackendName {
  const found = BACKENDS.find((known) => known === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("backend", name, BACKENDS));
}
