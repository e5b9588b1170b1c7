import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import type { DockerBackend } from "./docker.ts";
import { openEngine } from "./engine.ts";
import { findLeftovers } from "./reap.ts";

setDefaultTimeout(120_000);

describeWith("docker", "a container", () => {
  let place: DockerPlace;
  let backend: DockerBackend;
  beforeAll(() => {
    place = dockerPlace();
    backend = place.backend();
  });
  afterAll(async () => await place[Symbol.asyncDispose]());

  test("ends by itself when its time is over", async () => {
    await using own = await place.backend({ max_lifetime_ms: 1_500 }).open(openRequest(place));
    await docker("wait", own.container_id);
    const running = run(own, "true");
    await expect(running).rejects.toMatchObject({ code: "sandbox_failed" });
  });

  test("A1: lives on when its life is prolonged, and is not taken for left over meanwhile", async () => {
    await using own = await place.backend({ max_lifetime_ms: 8_000 }).open(openRequest(place));
    await own.prolong?.(60_000);
    await Bun.sleep(10_000);
    expect(await run(own, "ps -e | grep -c sleep || true")).toMatchObject({ exit_code: 0 });
    const left = await findLeftovers(openEngine());
    expect(left.filter(({ id }) => id === own.container_id)).toEqual([]);
  });

  test("is gone, volumes included, when the sandbox is closed; closing twice is fine", async () => {
    const own = await backend.open(openRequest(place));
    await own[Symbol.asyncDispose]();
    expect(await docker("ps", "-aq", "--no-trunc", "--filter", `id=${own.container_id}`)).toBe("");
    await own[Symbol.asyncDispose]();
  });

  test("is not left behind by an opening that is aborted or fails", async () => {
    const label = `aborted-${process.pid}/x`;
    const count = () => docker("ps", "-aq", "--filter", `label=tandem.key=${label}`);
    let aborted = 0;
    for (const wait_ms of [0, 50, 150, 300]) {
      const stop = new AbortController();
      const opening = backend.open({
        ...openRequest(place, "agent", label),
        signal: stop.signal,
      });
      setTimeout(() => stop.abort(new Error("stop it")), wait_ms);
      // A machine may be quicker than the longer waits: what was opened by then is closed.
      const opened = await opening.catch((error: unknown) => {
        expect(error).toHaveProperty("message", "stop it");
        aborted += 1;
      });
      await opened?.[Symbol.asyncDispose]();
    }
    expect(aborted).toBeGreaterThan(0);
    expect(await count()).toBe("");
  });
});
