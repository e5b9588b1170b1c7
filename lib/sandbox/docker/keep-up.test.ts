import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import type { DockerBackend } from "./docker.ts";

setDefaultTimeout(120_000);

describeWith("docker", "a container", () => {
  let place: DockerPlace;
  let backend: DockerBackend;
  beforeAll(() => {
    place = dockerPlace();
    backend = place.backend();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  test("S6: runs its commands without a program that the engine starts, keeps no output, and ignores no signal", async () => {
    await using own = await backend.open(openRequest(place, "agent"));
    const status = await run(own, "grep SigIgn /proc/self/status; kill -INT $$");
    expect(status).toMatchObject({ text: "SigIgn:\t0000000000000000\n", exit_code: 130 });
    const [info] = JSON.parse(await docker("inspect", own.container_id));
    expect([info.ExecIDs, info.HostConfig.LogConfig.Type]).toEqual([null, "none"]);
  });

  test("S6: of a second suite needs no command to be ready", async () => {
    await using suite = await backend.open(openRequest(place));
    await using own = await backend.open(openRequest(place));
    expect([own.base_commit, own.work_path]).toEqual([suite.base_commit, "/patches"]);
    // Between the shell's process and the first command's there is only what keeps the container up.
    const seen = await run(own, "test -d /patches && echo $$ $PPID");
    expect(seen.exit_code).toBe(0);
    const [pid = 0, shell = 0] = seen.text.split(" ").map(Number);
    expect(pid - shell).toBeLessThanOrEqual(3);
  });
});
