// Owns opening a backend from a script's flags.
import { dirname, join } from "node:path";
import { UsageError } from "../lib/fault.ts";
import { openBackend } from "../lib/sandbox/open.ts";
import type { Backend } from "../lib/sandbox/sandbox.ts";
import { oneOf, positiveNumber, wholeNumber } from "./_args.ts";

const LEAST_MEMORY_MIB = 64;

export type SandboxFlags = {
  readonly backend: string;
  readonly "unsafe-local"?: boolean | undefined;
  readonly registry?: string | undefined;
  readonly "image-template"?: string | undefined;
  readonly build?: boolean | undefined;
  readonly "keep-images"?: string | undefined;
  readonly memory?: string | undefined;
  readonly cpus?: string | undefined;
  readonly pids?: string | undefined;
  readonly disk?: string | undefined;
  readonly network?: string | undefined;
  readonly "dataset-dir": string;
  readonly "log-dir": string;
  readonly ledger: string;
};

/** The backend that the flags name. Isolated local commands see neither dataset, logs and ledger nor this project. */
export async function openSandboxes(flags: SandboxFlags): Promise<Backend> {
  const log_dir = flags["log-dir"];
  return await openBackend({
    name: flags.backend,
    log_dir,
    hidden: [flags["dataset-dir"], log_dir, dirname(flags.ledger), join(import.meta.dir, "..")],
    unsafe_local: flags["unsafe-local"] === true,
    docker: await dockerFlags(flags),
  });
}

/** Options of the docker backend, where flags say other than its defaults. */
export async function dockerFlags(flags: Omit<SandboxFlags, "log-dir" | "dataset-dir" | "ledger">) {
  if (
    flags.backend !== "docker" &&
    (flags.registry ?? flags["image-template"] ?? flags["keep-images"]) !== undefined
  )
    throw new UsageError("--registry, --image-template and --keep-images need --backend docker");
  return {
    ...(flags.registry === undefined ? {} : { registry: flags.registry }),
    ...(flags["image-template"] === undefined ? {} : { image_template: flags["image-template"] }),
    ...(flags.build === true ? { build: true } : {}),
    ...number("keep_images", wholeNumber("--keep-images", flags["keep-images"])),
    ...number("memory_mib", wholeNumber("--memory", flags.memory, LEAST_MEMORY_MIB)),
    ...number("cpus", flags.cpus === undefined ? undefined : positiveNumber("--cpus", flags.cpus)),
    ...number("disk_mib", wholeNumber("--disk", flags.disk, 1)),
    ...number("pids", wholeNumber("--pids", flags.pids, 1)),
    ...(flags.network === undefined
      ? {}
      : { network: await oneOf("--network", flags.network, ["open", "none"]) }),
  };
}

/** The option when its flag was given. */
function number<K extends string>(
  name: K,
  value: number | undefined,
): { readonly [name in K]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]: number });
}
