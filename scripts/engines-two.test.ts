import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asFault } from "../lib/core/fault.ts";
import {
  type DockerPlace,
  dockerPlace,
  openRequest,
  run,
} from "../lib/sandbox/docker/docker.fixture.ts";
import { enginesBackend } from "../lib/sandbox/docker/engines/backend.ts";
import { describeWithOwnEngine, secondEngine } from "./restarts.fixture.ts";

setDefaultTimeout(300_000);

describeWithOwnEngine("two engines that share nothing", () => {
  let place: DockerPlace;
  let second: Awaited<ReturnType<typeof secondEngine>>;
  beforeAll(async () => {
    place = dockerPlace();
    second = await secondEngine();
  });
  afterAll(async () => {
    await second[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("Show 3: an image that was built on one is copied to the other, so that keys agree; the other is killed, and work moves", async () => {
    const file = join(place.path, "engines.toml");
    writeFileSync(
      file,
      `[engines.here]\naddress = "unix:///var/run/docker.sock"\nagents = 1\nsuites = 1\n[engines.there]\naddress = "${second.socket}"\nagents = 1\nsuites = 1\n`,
    );
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    const backend = enginesBackend({ ...place.options, engines: file, say });
    const open = () => backend.open(openRequest(place));
    const first = await open();
    const other = await open();
    expect(said.join("\n")).toContain(`copying ${place.image} from here to there`);
    const ids = (await second.docker("ps", "-q", "--filter", "label=tandem")).text.split("\n");
    expect(ids).toHaveLength(1);
    const digest = (await second.docker("image", "inspect", "-f", "{{.Id}}", place.image)).text;
    expect(await backend.environment(place.task)).toStartWith(`docker ${digest}`);
    expect([await run(first, "pwd"), await run(other, "pwd")]).toMatchObject([
      { exit_code: 0 },
      { exit_code: 0 },
    ]);

    const working = run(other, "sleep 100", { timeout_ms: 120_000 }).then(() => undefined, asFault);
    await Bun.sleep(500);
    await second.kill();
    expect(await working).toMatchObject({ code: "engine_gone", elsewhere: true });
    await other[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await using third = await open();
    expect((await run(third, "echo on")).text).toBe("on\n");
  });
});
