import { describe, setDefaultTimeout } from "bun:test";
import { describeWith } from "../core/testing.ts";
import { type ContractPlace, contract } from "./contract.fixture.ts";
import { dockerPlace } from "./docker/docker.fixture.ts";
import type { BackendName } from "./registry.ts";
import { SMALL_SETUP, taskPlace } from "./task.fixture.ts";

setDefaultTimeout(120_000);

async function localPlace(unsafe_local: boolean): Promise<ContractPlace> {
  const place = taskPlace();
  const [backend, task] = [place.backend(unsafe_local), place.task(SMALL_SETUP)];
  return { backend, task, [Symbol.asyncDispose]: async () => place[Symbol.dispose]() };
}

async function inDocker(): Promise<ContractPlace> {
  const place = dockerPlace();
  const { task } = place;
  return {
    backend: place.backend(),
    task,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** A backend of the registry without a row here does not compile. */
const SUITES = {
  local() {
    describe("local, not isolated", () => contract("local", () => localPlace(true)));
    describeWith("bwrap", "local", () => contract("local", () => localPlace(false)));
  },
  docker: () => describeWith("docker", "docker", () => contract("docker", inDocker)),
} satisfies Record<BackendName, () => void>;
for (const declare of Object.values(SUITES)) declare();
