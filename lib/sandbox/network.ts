// Owns what a sandbox's network may be, and what it is by default.
import type { OpenOptions } from "./sandbox.ts";

/**
 * `none`: only itself. `gateway`: only itself, and on its loopback the gateway of this process. `open`: whatever the host, or
 * the engine's containers, can reach.
 */
export type Network = "none" | "gateway" | "open";

/** What a backend's sandboxes have by default. */
export type Networks = {
  readonly agents: Network;
  readonly suites: Network;
  /** Suites for which all that they download is at hand; absent where that is never known. */
  readonly warm_suites?: Network;
  /** Of what makes the repository, where a backend makes it. */
  readonly setup?: Network;
};

type Asked = {
  readonly networks: Networks;
  readonly purpose: OpenOptions["purpose"];
  /** All that the task's suites download is at hand. */
  readonly is_warm: boolean;
  /** What the user said. */
  readonly network: Network | undefined;
};

/** The network of a sandbox: as asked for, else what the backend gives its purpose. */
export function networkOf({ networks, purpose, is_warm, network }: Asked): Network {
  const { agents, suites, warm_suites = suites } = networks;
  if (network !== undefined) return network;
  if (purpose === "agent") return agents;
  return is_warm ? warm_suites : suites;
}

/** What a plan says of the networks of a backend's sandboxes. */
export function networkLine(networks: Networks, network: Network | undefined): string {
  const of = (purpose: Asked["purpose"], is_warm: boolean) =>
    networkOf({ networks, purpose, is_warm, network });
  const [cold, warm] = [of("suite", false), of("suite", true)];
  const suites = cold === warm ? cold : `${warm} on warm images, else ${cold}`;
  const setup = networks.setup === undefined ? "" : `setup.sh ${networks.setup}, `;
  return `network: ${setup}agents ${of("agent", false)}, suites ${suites}`;
}
