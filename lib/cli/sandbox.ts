// Owns the flags of sandboxes and suites, and opening a backend from them.

import { dirname, join } from "node:path";
import { isTaken } from "../config/backend-settings.ts";
import { rowsOf, SETTINGS } from "../config/settings.ts";
import { defined } from "../core/defined.ts";
import { UsageError } from "../core/fault.ts";
import { orList } from "../core/text.ts";
import { type BackendName, openBackend } from "../sandbox/registry.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { type ArgsOf, argsOf, flagged, valuesOf } from "./settings.ts";
import { tell } from "./talk.ts";

const NAMES = flagged("sandbox");
const OF_SUITES = ["timeout_ms", "suites", "premerge"] as const;

export const SANDBOX_ARGS = argsOf(NAMES);
export const SUITE_ARGS = argsOf(OF_SUITES);

/** How suites are run. Throws UsageError. */
export function suiteOptions(flags: object) {
  return valuesOf(OF_SUITES, { ...flags });
}

type Flag = keyof ArgsOf<(typeof NAMES)[number]>;
export type SandboxFlags = { readonly [name in Flag]?: string | boolean | undefined } & {
  readonly "dataset-dir": string;
  readonly "log-dir": string;
  readonly ledger: string;
};

/** The backend that the flags name. Isolated local commands cannot see the dataset, the logs, the ledger or this project. */
export async function openSandboxes(flags: SandboxFlags): Promise<Backend> {
  const { backend, unsafe_local, backend_options } = sandboxOptions(flags);
  const log_dir = flags["log-dir"];
  return await openBackend({
    ...{ name: backend, unsafe_local, options: backend_options, log_dir, say: warn },
    hidden: [flags["dataset-dir"], log_dir, dirname(flags.ledger), join(import.meta.dir, "../..")],
  });
}

/** What people should know while sandboxes are used. */
export function warn(message: string): void {
  tell("warn", message);
}

/** The sandboxes that the flags name. Throws UsageError, also for the flags of another backend. */
export function sandboxOptions(flags: object, where?: BackendName) {
  const { backend: named, unsafe_local, ...others } = valuesOf(NAMES, { ...flags });
  const backend = where ?? named ?? SETTINGS.backend.default;
  const backend_options = defined(others);
  const lost = rowsOf(SETTINGS, (setting) => !isTaken(setting, backend)).find(
    ([name]) => name in backend_options,
  );
  if (lost !== undefined) {
    const [, { flag, backends = [] }] = lost;
    throw new UsageError(`--${flag} needs --backend ${orList(backends)}`);
  }
  return { backend, unsafe_local: unsafe_local === true, backend_options };
}
