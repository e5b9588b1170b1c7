// Owns opening a backend from a script's flags.
import { dirname, join } from "node:path";
import { openBackend } from "../lib/sandbox/open.ts";
import type { Backend } from "../lib/sandbox/sandbox.ts";

export type SandboxFlags = {
  readonly backend: string;
  readonly "unsafe-local"?: boolean | undefined;
  readonly "dataset-dir": string;
  readonly "log-dir": string;
  readonly ledger: string;
};

/** The backend that the flags name. Isolated local commands see neither dataset, logs and ledger nor this project. */
export async function openSandboxes(flags: SandboxFlags): Promise<Backend> {
  const log_dir = flags["log-dir"];
  const hidden = [
    flags["dataset-dir"],
    log_dir,
    dirname(flags.ledger),
    join(import.meta.dir, ".."),
  ];
  return await openBackend({
    name: flags.backend,
    log_dir,
    hidden,
    unsafe_local: flags["unsafe-local"] === true,
  });
}
