import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { describeWith, hasPart, temporaryFolder } from "../../core/testing.ts";
import { openTrialPort } from "../gateway.ts";
import { docker as backend } from "./backend.ts";
import { type DockerPlace, docker, dockerPlace, openRequest } from "./docker.fixture.ts";
import { type Engine, openEngine } from "./engine.ts";
import { forwarderImage, unusedForwarders } from "./forwarder-image.ts";
import { openSidecar } from "./sidecar.ts";
import { removeName } from "./warm-image.ts";

setDefaultTimeout(120_000);

/** What precedes a program whose folder `$1` nobody else sees. */
const APART = [
  "unshare",
  "--mount",
  "sh",
  "-c",
  'mount -t tmpfs none "$1" && shift && exec "$@"',
  "sh",
];

describeWith("docker", "the container that passes a gateway on", () => {
  let place: DockerPlace;
  const engine = openEngine();
  beforeAll(async () => {
    place = dockerPlace();
    await using _first = await place.backend().open(openRequest(place));
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const UNSEEN: [what: string, lay: (socket: string) => void][] = [
    ["nothing is", () => undefined],
    [
      "something else is",
      (socket) => {
        mkdirSync(dirname(socket));
        writeFileSync(socket, "");
      },
    ],
  ];
  test.if(hasPart("unshare")).each(UNSEEN)(
    "an engine that cannot see this machine's sockets: where %s, the connection to it is the way",
    async (_what, lay) => {
      using folder = temporaryFolder();
      const script = join(import.meta.dir, "sidecar.fixture.ts");
      const registry = place.image.split("/")[0] ?? "";
      const program = [process.execPath, script, registry, place.cache_dir, place.task.dir];
      const child = Bun.spawn([...APART, folder.path, ...program], {
        ...{ stdin: "pipe", stdout: "pipe", env: { ...process.env, TMPDIR: folder.path } },
      });
      const reader = child.stdout.getReader();
      lay(
        Buffer.from((await reader.read()).value ?? "")
          .toString()
          .trim(),
      );
      child.stdin.write("go on\n");
      await child.stdin.flush();
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read())
        text += Buffer.from(part.value).toString();
      expect(text).toBe("the same\n100\naborted\n1\n");
      expect(await child.exited).toBe(0);
    },
  );

  test("an engine on another platform is refused with what to do", async () => {
    const other: Engine = { ...engine, platform: async () => "linux/s390x" };
    await using port = openTrialPort();
    const request = { ...port, container_id: undefined, key: "x", max_lifetime_ms: 60_000 };
    const refused = openSidecar(other, request);
    await expect(refused).rejects.toThrow("the engine runs linux/s390x");
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining("--network open"),
    });
  });

  test("it has no powers, and no more than it needs", async () => {
    await using port = openTrialPort();
    const key = `sidecar-${process.pid}/x`;
    const request = { ...port, container_id: undefined, key, max_lifetime_ms: 60_000 };
    await using sidecar = await openSidecar(engine, request);
    expect(sidecar.way).toBe("socket");
    const id = await docker("ps", "-q", "--filter", `label=tandem.key=${key}`);
    const [found] = JSON.parse(await docker("inspect", id));
    expect(found.Config).toMatchObject({ User: "65534:65534" });
    expect(found.HostConfig).toMatchObject({
      ...{ ReadonlyRootfs: true, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] },
      ...{ PidsLimit: 64, NetworkMode: "none" },
    });
    expect(found.Mounts).toMatchObject([{ Source: port.socket, RW: false }]);
  });

  test("its image is made once, and cleared away while nobody uses it", async () => {
    await using port = openTrialPort();
    const request = { ...port, container_id: undefined, key: "x/x", max_lifetime_ms: 60_000 };
    await using _used = await openSidecar(engine, request);
    const name = await forwarderImage(engine);
    const old = `tandem-forwarder:${process.pid}`;
    await engine.call("importing", (client) =>
      client.importImage(Readable.from(Buffer.alloc(1024)), {
        ...{
          repo: "tandem-forwarder",
          tag: `${process.pid}`,
          changes: ["LABEL tandem.forwarder=x"],
        },
      }),
    );
    try {
      const unused = (await unusedForwarders(engine)).map((one) => one.name);
      expect(unused).toContain(old);
      expect(unused).not.toContain(name);
      const left = await backend.leftovers({ all: false, say: () => undefined });
      expect(left).toContainEqual(expect.objectContaining({ key: old, reason: "unused" }));
      await left.find(({ key }) => key === old)?.remove();
      expect(await docker("images", "-q", old)).toBe("");
    } finally {
      await removeName(engine, old);
    }
  });

  test("doctor tells which way the gateway takes", async () => {
    const found = (await backend.check()).find(({ part }) => part === "gateway");
    expect(found).toMatchObject({ state: "good", found: expect.stringContaining("its socket") });
  });
});
