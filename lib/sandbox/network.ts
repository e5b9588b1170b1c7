// Owns what a sandbox's network may be, and what it is by default.
import { UsageError } from "../core/fault.ts";
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
  /** Whether the agent's program calls its model from inside. */
  readonly needs_gateway?: boolean | undefined;
};

/**
 * The network of a sandbox: as asked for, else what the backend gives its purpose. Agents that need the gateway have
 * nothing else unless told, and suites never have it. Throws as {@link checkNetwork} for agents.
 */
export function networkOf({ networks, purpose, is_warm, network, needs_gateway }: Asked): Network {
  const { agents, suites, warm_suites = suites } = networks;
  if (purpose === "agent") {
    checkNetwork({ network, needs_gateway });
    return network ?? (needs_gateway ? "gateway" : agents);
  }
  if (network !== undefined && network !== "gateway") return network;
  return is_warm ? warm_suites : suites;
}

/** Throws UsageError for a gateway that no program would call, and for a program that is kept from the one it calls. */
export function checkNetwork({
  network,
  needs_gateway = false,
}: {
  readonly network?: Network | undefined;
  readonly needs_gateway?: boolean | undefined;
}): void {
  if (network === "gateway" && !needs_gateway)
    throw new UsageError(
      "--network gateway is for agents whose programs call their model from inside the sandbox, which this one does not: omit it",
    );
  if (network === "none" && needs_gateway)
    throw new UsageError(
      "this agent's program calls its model from inside the sandbox: --network none keeps it from that; omit it, or --network gateway",
    );
}

/** What a plan says of the networks of a backend's sandboxes. Throws as {@link checkNetwork}. */
export function networkLine(
  networks: Networks,
  network: Network | undefined,
  needs_gateway = false,
): string {
  const of = (purpose: Asked["purpose"], is_warm: boolean) =>
    networkOf({ networks, purpose, is_warm, network, needs_gateway });
  const [cold, warm] = [of("suite", false), of("suite", true)];
  const suites = cold === warm ? cold : `${warm} on warm images, else ${cold}`;
  const setup = networks.setup === undefined ? "" : `setup.sh ${networks.setup}, `;
  return `network: ${setup}agents ${of("agent", false)}, suites ${suites}`;
}
