import { expect, test } from "bun:test";
import { temporaryFolder } from "../core/testing.ts";
import { DOCKER_NETWORKS } from "./docker/docker.ts";
import { LOCAL_NETWORKS } from "./local/networks.ts";
import { type Network, networkLine, networkOf } from "./network.ts";
import { loadBackend, openBackend } from "./registry.ts";

const NETWORKS = { local: LOCAL_NETWORKS, docker: DOCKER_NETWORKS };

const DEFAULTS: [
  backend: "local" | "docker",
  purpose: "agent" | "suite",
  is_warm: boolean,
  is: Network,
][] = [
  ["local", "agent", false, "none"],
  ["local", "suite", false, "open"],
  ["docker", "agent", false, "open"],
  ["docker", "agent", true, "open"],
  ["docker", "suite", false, "open"],
  ["docker", "suite", true, "none"],
];
test.each(DEFAULTS)(
  "S6: unsaid, in %s, of an %s (warm: %p): %s",
  (backend, purpose, is_warm, is) => {
    const of = (network: Network | undefined, needs_gateway = false) =>
      networkOf({ networks: NETWORKS[backend], purpose, is_warm, network, needs_gateway });
    expect(of(undefined)).toBe(is);
    for (const network of ["none", "open"] as const) expect(of(network)).toBe(network);
    // Suites never have it, whatever is said for agents.
    expect(of(undefined, true)).toBe(purpose === "agent" ? "gateway" : is);
    expect(of("gateway", true)).toBe(purpose === "agent" ? "gateway" : is);
    expect(of("open", true)).toBe("open");
  },
);

const REFUSED: [
  backend: "local" | "docker",
  network: Network | undefined,
  needs: { needs_gateway: boolean; unsafe_local?: boolean },
  line: string | undefined,
][] = [
  ["local", "gateway", { needs_gateway: false }, "which this one does not: omit it"],
  ["docker", "gateway", { needs_gateway: false }, "which this one does not: omit it"],
  ["local", "none", { needs_gateway: true }, "omit it, or --network gateway"],
  ["docker", "none", { needs_gateway: true }, "omit it, or --network gateway"],
  ["local", "open", { needs_gateway: true }, "this machine's own loopback"],
  ["docker", "open", { needs_gateway: true }, undefined],
  ["local", undefined, { needs_gateway: true, unsafe_local: true }, "omit --unsafe-local"],
  ["local", undefined, { needs_gateway: false, unsafe_local: true }, undefined],
  ["local", undefined, { needs_gateway: true }, undefined],
];
test.each(REFUSED)(
  "in %s network %s is refused where it cannot be: %p",
  async (name, network, needs, line) => {
    const { unsafe_local = false, needs_gateway } = needs;
    using folder = temporaryFolder();
    const options = network === undefined ? {} : { network };
    const backend = await openBackend({
      ...{ name, log_dir: folder.path, hidden: [], unsafe_local, options },
    });
    const { networkLine } = await loadBackend(name);
    const asks = [
      () => backend.assertNetwork?.({ needs_gateway }),
      () => networkLine(options, { unsafe_local, needs_gateway }),
    ];
    for (const ask of asks) {
      if (line === undefined) expect(ask).not.toThrow();
      else expect(ask).toThrow(line);
    }
  },
);

const LINES: [
  backend: "local" | "docker",
  network: Network | undefined,
  line: string,
  needs_gateway?: boolean,
][] = [
  ["local", undefined, "network: setup.sh open, agents none, suites open"],
  ["local", "none", "network: setup.sh open, agents none, suites none"],
  ["docker", undefined, "network: agents open, suites none on warm images, else open"],
  ["docker", "none", "network: agents none, suites none"],
  ["local", undefined, "network: setup.sh open, agents gateway, suites open", true],
  ["local", "gateway", "network: setup.sh open, agents gateway, suites open", true],
  ["docker", "gateway", "network: agents gateway, suites none on warm images, else open", true],
  ["docker", "open", "network: agents open, suites open", true],
];
test.each(LINES)("S6: the plan in %s with network %s", (backend, network, line, needs = false) => {
  expect(networkLine(NETWORKS[backend], network, needs)).toBe(line);
});
