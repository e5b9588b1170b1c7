import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { thisOwner } from "../../core/owner.ts";
import { describeWith } from "../../core/testing.ts";
import type { Share } from "../sandbox.ts";
import {
  BASE_IMAGE,
  type DockerPlace,
  docker,
  dockerPlace,
  openRequest,
  run,
} from "./docker.fixture.ts";
import { openEngine } from "./engine.ts";
import { labelsOf } from "./owner.ts";
import { findLeftovers, reap } from "./reap.ts";
import { openVolumes, removeVolume } from "./volumes.ts";

setDefaultTimeout(120_000);

const LIFETIME_MS = 600_000;

describeWith("docker", "volumes of an attempt", () => {
  let place: DockerPlace;
  const engine = openEngine();
  beforeAll(async () => {
    place = dockerPlace();
    await using _first = await place.backend().open(openRequest(place));
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const request = (label: string, ...agent_ids: string[]) => ({ label, agent_ids });
  const namesOf = (share: Share) => share.folders.map(({ source }) => source);
  const labelled = (label: string) =>
    docker("volume", "ls", "-q", "--filter", `label=tandem.key=${label}`);
  const dead = () => {
    const { pid } = Bun.spawnSync(["true"]);
    return thisOwner().replace(/\/\d+\/\d+$/, `/${pid}/1`);
  };

  test("are empty, one an agent, writable for it alone, and gone at the end", async () => {
    const label = `volumes/${process.pid}/plain`;
    const backend = place.backend();
    const share = await backend.openShare(request(label, "agent1", "agent2"));
    expect((await labelled(label)).split("\n").sort()).toEqual(namesOf(share).sort());
    {
      const opening = ["agent1", "agent2"].map((agent_id) =>
        backend.open({ ...openRequest(place, "agent"), share: { share, agent_id } }),
      );
      await using all = new AsyncDisposableStack();
      const [one, two] = (await Promise.all(opening)).map((sandbox) => all.use(sandbox));
      if (!one || !two) throw new Error("two sandboxes were asked for");
      const words = "ls -A /team/*; for n in 1 2; do echo $n > /team/agent$n/x; done";
      expect((await run(one, words)).text).toMatch(
        /^\/team\/agent1:\n\n\/team\/agent2:\n.*agent2.*Read-only/,
      );
      expect(
        (await run(two, "cat /team/agent1/x; touch /team/agent2/y /team/agent1/y")).text,
      ).toMatch(/^1\n.*agent1.*Read-only file system\n$/);
    }
    await share[Symbol.asyncDispose]();
    expect(await labelled(label)).toBe("");
    // Somebody else may have been quicker.
    await removeVolume(engine, namesOf(share)[0] ?? "");
  });

  test("an abort or a wrong name leaves none", async () => {
    const label = `volumes/${process.pid}/aborted`;
    const stop = new AbortController();
    const opening = openVolumes(
      engine,
      { ...request(label, "agent1", "agent2", "agent3"), signal: stop.signal },
      LIFETIME_MS,
    );
    stop.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
    await expect(openVolumes(engine, request(label, "../x"), LIFETIME_MS)).rejects.toThrow(
      RangeError,
    );
    expect(await labelled(label)).toBe("");
  });

  test("an engine that is gone is a fault when they are made, and no matter at their end", async () => {
    const gone = openEngine({ socket: "/nonexistent/engine.sock" });
    const opening = openVolumes(gone, request("x", "agent1"), LIFETIME_MS);
    await expect(opening).rejects.toMatchObject({ code: "engine_gone" });
    await removeVolume(gone, "any");
  });

  test("after kill -9 of their owner they stay, and are reaped after their containers", async () => {
    const label = `volumes/${process.pid}/killed`;
    const script = `
      const { dockerBackend, DOCKER_DEFAULTS } = await import(${JSON.stringify(join(import.meta.dir, "docker.ts"))});
      const [registry, dir, cache_dir, label] = ${JSON.stringify([place.image.split("/")[0], place.task.dir, place.cache_dir, label])};
      const backend = dockerBackend({ ...DOCKER_DEFAULTS, registry, cache_dir, network: "none" });
      const task = { repo: "small_task", task_id: 1, dir, task_hash: "small" };
      const share = await backend.openShare({ label, agent_ids: ["agent1", "agent2"] });
      const held = await backend.open({ task, label, purpose: "agent", share: { share, agent_id: "agent1" } });
      console.log(held.container_id);
      setInterval(() => undefined, 1000);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    child.kill("SIGKILL");
    await child.exited;
    const container = Buffer.from(value ?? "")
      .toString()
      .trim();
    const names = (await labelled(label)).split("\n");
    expect(names).toHaveLength(2);
    const left = (await findLeftovers(engine)).map(({ id }) => id);
    expect(left).toEqual(expect.arrayContaining([container, ...names]));
    await using _next = await place.backend().open(openRequest(place));
    expect(await labelled(label)).toBe("");
  });

  test("one that a container still uses is left alone by the reaper", async () => {
    const labels = Object.entries({ ...labelsOf("k", LIFETIME_MS), "tandem.owner": dead() });
    const flags = labels.flatMap(([name, text]) => ["--label", `${name}=${text}`]);
    const volume = await docker("volume", "create", ...flags);
    const user = await docker(
      "create",
      "--network",
      "none",
      "-v",
      `${volume}:/x`,
      BASE_IMAGE,
      "true",
    );
    try {
      expect((await reap(engine)).map(({ id }) => id)).not.toContain(volume);
      await docker("rm", "-f", user);
      expect((await reap(engine)).map(({ id }) => id)).toContain(volume);
    } finally {
      await docker("rm", "-f", user);
      await docker("volume", "rm", "-f", volume);
    }
  });
});
