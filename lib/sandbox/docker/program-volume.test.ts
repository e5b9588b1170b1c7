import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith } from "../../core/testing.ts";
import { docker as backendObject } from "./backend.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";

setDefaultTimeout(120_000);

describeWith("docker", "the volume of a program", () => {
  let place: DockerPlace;
  const key = `test-${process.pid}-${Date.now()}`;
  const source = `tandem-program-${key}`;
  beforeAll(() => {
    place = dockerPlace();
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await docker("volume", "rm", "-f", source);
  });
  const left = async () =>
    (await backendObject.leftovers({ all: false, say: () => undefined })).filter(
      ({ id }) => id === source,
    );

  test("is left over while no container uses it, and is filled again where it was removed in a run", async () => {
    const path = join(place.path, "program");
    mkdirSync(path);
    writeFileSync(join(path, "hello"), "hello\n");
    const backend = place.backend();
    const program = await backend.keepProgram(place.task, { path, key });
    expect(program).toEqual({ source });
    {
      await using sandbox = await backend.open({ ...openRequest(place), program });
      expect((await run(sandbox, `cat ${sandbox.program_path}/hello`)).text).toBe("hello\n");
      expect(await left()).toEqual([]);
    }
    const [found, ...others] = await left();
    expect({ ...found, others }).toMatchObject({
      ...{ kind: "volume", id: source, key, owner: "", reason: "unused", others: [] },
    });
    await found?.remove();
    expect(await docker("volume", "ls", "-q", "--filter", `name=${source}`)).toBe("");
    await using again = await backend.open({ ...openRequest(place), program });
    expect((await run(again, `cat ${again.program_path}/hello`)).text).toBe("hello\n");
  });
});
