// Owns the names of backends.
import { resolve } from "node:path";
import { SETTINGS } from "../config/settings.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import type { DockerOptions } from "./docker/docker.ts";
import type { Backend } from "./sandbox.ts";

export const { of: BACKENDS } = SETTINGS.backend.kind;
export type BackendName = (typeof BACKENDS)[number];

export type BackendOptions = {
  readonly name: string;
  readonly log_dir: string;
  /** local: folders an isolated command must not see. */
  readonly hidden: readonly string[];
  /** local: commands of a model run without bubblewrap. */
  readonly unsafe_local: boolean;
  /** docker: images and limits, where they differ from the defaults; `network`: either backend's. */
  readonly docker?: Partial<Omit<DockerOptions, "cache_dir">>;
};

/** The backend under that name. Throws UsageError for one it does not know. */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const name = backendName(options.name);
  const cache_dir = resolve(options.log_dir, ".cache");
  switch (name) {
    case "local": {
      const { localBackend } = await import("./local.ts");
      const { hidden, unsafe_local, docker } = options;
      return localBackend({ cache_dir, hidden, unsafe_local, network: docker?.network });
    }
    case "docker": {
      const { DOCKER_DEFAULTS, dockerBackend } = await import("./docker/docker.ts");
      return dockerBackend({ ...DOCKER_DEFAULTS, ...options.docker, cache_dir });
    }
  }
}

/** The name when it is a backend's. Throws UsageError naming the nearest. */
export function backendName(name: string): BackendName {
  const found = BACKENDS.find((known) => known === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("backend", name, BACKENDS));
}
