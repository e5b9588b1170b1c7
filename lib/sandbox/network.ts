// Owns what a sandbox's network may be, and what it is where nobody says.
import type { OpenOptions } from "./sandbox.ts";

/** `none`: nobody but itself. `open`: whatever the host, or the engine's containers, can reach. */
export type Network = "none" | "open";

type Asked = {
  readonly backend: "local" | "docker";
  readonly purpose: OpenOptions["purpose"];
  /** All that the task's suites download is at hand. */
  readonly is_warm: boolean;
  /** What the user said. */
  readonly network: Network | undefined;
};

/** The network of a sandbox: as asked for; else agents have one in docker alone, and suites where they may need it. */
export function networkOf({ backend, purpose, is_warm, network }: Asked): Network {
  if (network !== undefined) return network;
  if (purpose === "suite") return is_warm ? "none" : "open";
  return backend === "docker" ? "open" : "none";
}
