import { expect, test } from "bun:test";
import { DOCKER_NETWORKS } from "./docker/docker.ts";
import { LOCAL_NETWORKS } from "./local/local.ts";
import { networkLine, networkOf } from "./network.ts";

const NETWORKS = { local: LOCAL_NETWORKS, docker: DOCKER_NETWORKS };

const DEFAULTS: [
  backend: "local" | "docker",
  purpose: "agent" | "suite",
  is_warm: boolean,
  is: string,
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
    expect<string>(
      networkOf({ networks: NETWORKS[backend], purpose, is_warm, network: undefined }),
    ).toBe(is);
    for (const network of ["none", "open"] as const)
      expect(networkOf({ networks: NETWORKS[backend], purpose, is_warm, network })).toBe(network);
  },
);

const LINES: [backend: "local" | "docker", network: "none" | "open" | undefined, line: string][] = [
  ["local", undefined, "network: setup.sh open, agents none, suites open"],
  ["local", "none", "network: setup.sh open, agents none, suites none"],
  ["docker", undefined, "network: agents open, suites none on warm images, else open"],
  ["docker", "none", "network: agents none, suites none"],
];
test.each(LINES)("S6: the plan in %s with network %s", (backend, network, line) => {
  expect(networkLine(NETWORKS[backend], network)).toBe(line);
});
