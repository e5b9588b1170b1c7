import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeWith } from "../core/testing.ts";
import { docker as backend } from "./docker/backend.ts";
import { docker, dockerPlace, openRequest } from "./docker/docker.fixture.ts";
import { processesWith, runningWith, SMALL_SETUP, taskPlace } from "./task.fixture.ts";

setDefaultTimeout(120_000);

/** The process that holds a sandbox, once it has it, and the socket of its gateway. */
async function holder(...args: readonly string[]) {
  const script = join(import.meta.dir, "gateway-kill.fixture.ts");
  const child = Bun.spawn([process.execPath, script, ...args], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const socket = Buffer.from(value ?? "")
    .toString()
    .trim();
  expect(existsSync(socket)).toBe(true);
  return {
    socket,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(dirname(socket), { recursive: true });
    },
  };
}

describeWith("bwrap", "a kill -9 beside a local sandbox", () => {
  test("ends the forwarder too", async () => {
    using place = taskPlace();
    const { dir } = place.task(SMALL_SETUP);
    const held = await holder("local", place.cache_dir, dir);
    expect(runningWith(held.socket)).not.toEqual([]);
    await held.kill();
    expect(await processesWith(held.socket)).toEqual([]);
  });
});

describeWith("docker", "a kill -9 beside a container", () => {
  test("ends the forwarder too, and what is left is found and cleared away", async () => {
    await using place = dockerPlace();
    await using _image = await place.backend().open(openRequest(place));
    const registry = place.image.split("/")[0] ?? "";
    const held = await holder("docker", place.cache_dir, place.task.dir, registry);
    const forwarders = () =>
      docker(
        "ps",
        "-q",
        "--filter",
        "label=tandem.key=killed/x",
        "--filter",
        "label=tandem.role=forwarder",
      );
    expect(await forwarders()).not.toBe("");
    await held.kill();
    for (let patience = 0; (await forwarders()) !== "" && patience < 50; patience++)
      await Bun.sleep(100);
    expect(await forwarders()).toBe("");
    const left = await backend.leftovers({ all: false, say: () => undefined });
    const own = left.filter(({ key }) => key === "killed/x");
    expect(own.map(({ kind }) => kind)).toEqual(["container"]);
    for (const one of own) await one.remove();
    expect(await docker("ps", "-aq", "--filter", "label=tandem.key=killed/x")).toBe("");
  });
});
