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

/** What a plan says of the networks of its sandboxes. */
export function networkLine({ backend, network }: Pick<Asked, "backend" | "network">): string {
  const of = (purpose: Asked["purpose"], is_warm: boolean) =>
    networkOf({ backend, purpose, is_warm, network });
  const [cold, warm] = [of("suite", false), of("suite", true)];
  const suites =
    cold === warm || backend === "local" ? cold : `${warm} on warm images, else ${cold}`;
  const setup = backend === "local" ? "setup.sh open, " : "";
  return `network: ${setup}agents ${of("agent", false)}, suites ${suites}`;
}
