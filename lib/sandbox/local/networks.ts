// Owns the networks of local sandboxes: by default, which of them cannot be had, and how a room is put on one.
import { UsageError } from "../../core/fault.ts";
import { checkNetwork, type Network, type Networks } from "../network.ts";
import type { LocalGateway } from "./gateway.ts";
import type { RoomNetwork } from "./isolation.ts";

export const LOCAL_NETWORKS = {
  agents: "none",
  suites: "open",
  setup: "open",
} as const satisfies Networks;

type Asked = { readonly unsafe_local: boolean; readonly network?: Network | undefined };

/**
 * Throws UsageError for agents that call their model from inside where the forwarder would have to listen on the host's
 * own network, and serve everybody on this machine; else as {@link checkNetwork}.
 */
export function assertLocalNetwork({ unsafe_local, network }: Asked, needs_gateway: boolean): void {
  checkNetwork({ network, needs_gateway });
  if (!needs_gateway) return;
  const why = "this agent's program calls its model from inside the sandbox";
  if (unsafe_local)
    throw new UsageError(
      `${why}, through a gateway that needs bubblewrap: omit --unsafe-local, or use --backend docker`,
    );
  if (network === "open")
    throw new UsageError(
      `${why}, and local sandboxes with --network open have this machine's own loopback, where the gateway must not listen: --network gateway, or --backend docker`,
    );
}

/** A room whose way to the gateway is missing has no network at all. */
export function roomNetwork(network: Network, gateway: LocalGateway | undefined): RoomNetwork {
  if (gateway !== undefined) return { enter: gateway.enter };
  return network === "open" ? "open" : "none";
}
