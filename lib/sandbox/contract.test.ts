import { describe, setDefaultTimeout } from "bun:test";
import { describeWith } from "../core/testing.ts";
import { type ContractPlace, contract } from "./contract.fixture.ts";
import { dockerPlace } from "./docker/docker.fixture.ts";
import { gatewayContract } from "./gateway-contract.fixture.ts";
import type { BackendName } from "./registry.ts";
import { SMALL_SETUP, taskPlace } from "./task.fixture.ts";

setDefaultTimeout(120_000);

async function localPlace(unsafe_local: boolean): Promise<ContractPlace> {
  const place = taskPlace();
  const [backend, task] = [place.backend(unsafe_local), place.task(SMALL_SETUP)];
  const with_gateway = unsafe_local ? {} : { with_gateway: backend };
  const gone = async () => place[Symbol.dispose]();
  return { backend, ...with_gateway, task, [Symbol.asyncDispose]: gone };
}

async function inDocker(): Promise<ContractPlace> {
  const place = dockerPlace();
  const { task } = place;
  return {
    backend: place.backend(),
    with_gateway: place.backend({ network: undefined }),
    task,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** A backend of the registry without a row here does not compile. */
const SUITES = {
  local() {
    describe("local, not isolated", () => contract("local", () => localPlace(true)));
    describeWith("bwrap", "local", () => contract("local", () => localPlace(false)));
    describeWith("bwrap", "local, the gateway", () => gatewayContract(() => localPlace(false)));
  },
  docker() {
    describeWith("docker", "docker", () => contract("docker", inDocker));
    describeWith("docker", "docker, the gateway", () => gatewayContract(inDocker));
  },
} satisfies Record<BackendName, () => void>;
for (const declare of Object.values(SUITES)) declare();
