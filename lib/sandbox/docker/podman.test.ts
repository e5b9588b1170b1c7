import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import { type ContainerRequest, startContainer } from "./container.ts";
import { BASE_IMAGE, docker } from "./docker.fixture.ts";
import { openEngine } from "./engine.ts";
import { podmanBefore } from "./podman.fixture.ts";

setDefaultTimeout(60_000);

const REQUEST: ContainerRequest = {
  ...{ image: BASE_IMAGE, image_name: BASE_IMAGE, key: "a-run/task/agent1", env: [] },
  ...{ memory_mib: 256, cpus: 1, pids: 64, network: "open", max_lifetime_ms: 60_000 },
};

describeWith("docker", "S6: an engine that drops the option of the bridge", () => {
  const engineAt = (podman?: string) => {
    const folder = temporaryFolder();
    const socket = join(folder.path, "engine.sock");
    const server = podmanBefore(socket, podman === undefined ? {} : { podman });
    return {
      start: () => startContainer(openEngine({ socket }), REQUEST),
      async [Symbol.asyncDispose]() {
        await server.stop(true);
        folder[Symbol.dispose]();
      },
    };
  };
  const networksOf = (id: string) =>
    docker(
      ...["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.NetworkID}} {{end}}"],
      id,
    ).then((ids) => ids.trim().split(" "));
  const listed = async () => (await docker("network", "ls", "-q", "--no-trunc")).split("\n");

  test("and is Podman gives every container a network of its own, which goes with it", async () => {
    await using engine = engineAt("4.3.1");
    const [one, two] = [await engine.start(), await engine.start()];
    const own = [...(await networksOf(one.id)), ...(await networksOf(two.id))];
    expect([own.length, new Set(own).size]).toEqual([2, 2]);
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    const left = await listed();
    expect(own.filter((id) => left.includes(id))).toEqual([]);
  });

  test.each([["an unknown one", undefined] as const, ["an older Podman", "4.0.2"] as const])(
    "and is %s is refused",
    async (_, podman) => {
      await using engine = engineAt(podman);
      await expect(engine.start()).rejects.toMatchObject({
        code: "sandbox_failed",
        message: expect.stringContaining("lets containers reach each other"),
      });
    },
  );
});
