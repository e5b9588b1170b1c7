import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { BRIDGE, ensureBridge, removeBridge, unusedBridges } from "./bridge.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import { type Engine, openEngine } from "./engine.ts";
import { findUnused, reap } from "./reap.ts";
import type { DockerSandbox } from "./sandbox.ts";

setDefaultTimeout(120_000);

/** Waits for a connection for a while, and says so. */
const LISTEN = (port: number) =>
  `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die; $SIG{ALRM} = sub { print "nobody\\n"; exit }; alarm 8; $s->accept; print "somebody\\n"'`;
const CONNECT = (host: string, port: number) =>
  `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}' && echo connected || echo refused`;

describeWith("docker", "S6: sandboxes with a network", () => {
  let place: DockerPlace;
  const engine = openEngine();
  beforeAll(() => {
    place = dockerPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const idOf = async (of: Engine) => (await ensureBridge(of)).id;
  const addressOf = ({ container_id }: DockerSandbox) =>
    docker(
      ...["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"],
      container_id,
    );
  const pidOf = ({ container_id }: DockerSandbox) =>
    docker("inspect", "-f", "{{.State.Pid}}", container_id);

  test("reach what is outside, and not each other, nor others' containers", async () => {
    const backend = place.backend({ network: "open" });
    await using one = await backend.open(openRequest(place, "agent", "run/pair.agent1"));
    await using two = await backend.open(openRequest(place, "agent", "run/pair.agent2"));
    const address = await addressOf(one);
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    const [heard, said] = await Promise.all([
      run(one, LISTEN(7001)),
      Bun.sleep(1_500).then(() => run(two, CONNECT(address, 7001))),
    ]);
    expect([heard.text, said.text]).toEqual(["nobody\n", "refused\n"]);
    // A proof that the listener is there: it hears itself.
    const itself = await run(
      one,
      `(${LISTEN(7002)}) & until (exec 3<>/dev/tcp/127.0.0.1/7002) 2>&-; do sleep 0.1; done; wait`,
    );
    expect(itself).toMatchObject({ exit_code: 0, text: "somebody\n" });
    expect(await pidOf(one)).not.toBe(await pidOf(two));
    expect(
      (await run(two, "awk 'NR > 1 && $2 == \"00000000\"' /proc/net/route | wc -l")).text,
    ).toBe("1\n");
  });

  test("come onto one network however many processes make it at once", async () => {
    for (const id of await unusedBridges(engine)) await removeBridge(engine, id);
    const ids = await Promise.all(Array.from({ length: 8 }, () => idOf(openEngine())));
    expect(new Set(ids).size).toBe(1);
    const listed = await docker(
      "network",
      "ls",
      "-q",
      "--no-trunc",
      "--filter",
      `name=^${BRIDGE}$`,
    );
    expect(listed).toBe(`${ids[0]}`);
    const [info] = JSON.parse(await docker("network", "inspect", `${ids[0]}`));
    expect(info.Options).toMatchObject({ "com.docker.network.bridge.enable_icc": "false" });
    expect(info.Labels).toMatchObject({ tandem: "1" });
  });

  test("find it made again when it was cleared away; no reaper takes it, clean does", async () => {
    const before = await idOf(engine);
    const backend = place.backend({ network: "open" });
    // It knows the bridge from now on.
    await (await backend.open(openRequest(place)))[Symbol.asyncDispose]();
    expect((await reap(engine)).filter(({ kind }) => kind === "network")).toEqual([]);
    const unused = await findUnused(engine);
    if (unused.some(({ id }) => id === before)) await removeBridge(engine, before);
    await using own = await backend.open(openRequest(place));
    expect((await findUnused(engine)).map(({ id }) => id)).not.toContain(await idOf(engine));
    expect((await run(own, "echo fine")).text).toBe("fine\n");
  });

  test.each(["LABEL tandem.warm.source=sha256:0", "LABEL tandem.suites=offline"])(
    "that run suites on an image with %s have none, unless it is asked for",
    async (label) => {
      await using other = dockerPlace();
      const unsaid = () => other.backend({ network: undefined });
      const keyOf = async () => `${await unsaid().environment(other.task)}`;
      await using _made = await other.backend().open(openRequest(other));
      expect(await keyOf()).not.toContain("network");
      const warmed = Bun.spawnSync(["docker", "build", "-q", "-t", other.image, "-"], {
        stdin: Buffer.from(`FROM ${other.image}\n${label}\n`),
        env: { ...process.env, DOCKER_BUILDKIT: "0" },
      });
      expect(warmed.success).toBe(true);
      expect(await keyOf()).toEndWith(" network none");
      await using suite = await unsaid().open(openRequest(other, "suite"));
      await using agent = await unsaid().open(openRequest(other, "agent"));
      const modes = [suite, agent].map(({ container_id }) =>
        docker("inspect", "-f", "{{.HostConfig.NetworkMode}}", container_id),
      );
      const [ofSuite, ofAgent] = await Promise.all(modes);
      expect([ofSuite, ofAgent]).toEqual(["none", await idOf(engine)]);
    },
  );
});
