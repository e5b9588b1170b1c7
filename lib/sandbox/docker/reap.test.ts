import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { thisOwner } from "../../core/owner.ts";
import { deadOwnerTag, describeWith, temporaryFolder } from "../../core/testing.ts";
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

setDefaultTimeout(120_000);

describeWith("docker", "what dead processes leave", () => {
  let place: DockerPlace;
  const engine = openEngine();
  beforeAll(async () => {
    place = dockerPlace();
    await using _first = await place.backend().open(openRequest(place));
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const dead = () => {
    const { pid } = Bun.spawnSync(["true"]);
    return thisOwner().replace(/\/\d+\/\d+$/, `/${pid}/1`);
  };
  const label = (labels: Record<string, string>) =>
    Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
  const isThere = async (id: string) => (await docker("ps", "-aq", "--filter", `id=${id}`)) !== "";

  /** A process that holds two sandboxes, and then is killed. */
  async function heldByDead(key: string): Promise<string[]> {
    const script = `
      const { dockerBackend, DOCKER_DEFAULTS } = await import(${JSON.stringify(join(import.meta.dir, "docker.ts"))});
      const [registry, dir, cache_dir] = ${JSON.stringify([place.image.split("/")[0], place.task.dir, place.cache_dir])};
      const backend = dockerBackend({ ...DOCKER_DEFAULTS, registry, cache_dir, network: "none" });
      const request = { task: { repo: "small_task", task_id: 1, dir, task_hash: "small" }, label: "${key}", purpose: "suite" };
      const held = [await backend.open(request), await backend.open(request)];
      void held[0].exec("sleep 9999", { timeout_ms: 1e6 });
      console.log(held.map((one) => one.container_id).join(" "));
      setInterval(() => undefined, 1000);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    child.kill("SIGKILL");
    await child.exited;
    return Buffer.from(value ?? "")
      .toString()
      .trim()
      .split(" ");
  }

  test("after kill -9 the containers run on, and the next backend's first opening removes them", async () => {
    const ids = await heldByDead("killed/x");
    expect(await Promise.all(ids.map(isThere))).toEqual([true, true]);
    await using own = await place.backend().open(openRequest(place));
    expect(await Promise.all(ids.map(isThere))).toEqual([false, false]);
    expect((await run(own, "echo fine")).text).toBe("fine\n");
  });

  test("the script lists them with --dry-run, then removes them, scratch folders too, and says what", async () => {
    using folder = temporaryFolder();
    const owner = deadOwnerTag();
    const left = join(folder.path, "logs/.cache/.tmp", `${owner}-0-setup`);
    mkdirSync(join(left, "deep"), { recursive: true });
    const ids = await heldByDead("cleaned/x");
    const clean = async (...args: string[]) => {
      const script = join(import.meta.dir, "../../../scripts/clean.ts");
      const places = ["--log-dir", join(folder.path, "logs"), "--json", "--quiet"];
      const child = Bun.spawn([process.execPath, script, ...args, ...places], { stdout: "pipe" });
      const rows = (await new Response(child.stdout).text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      return { code: await child.exited, rows };
    };
    const container = (id: string) => ({
      kind: "container",
      id,
      key: "cleaned/x",
      owner: expect.any(String),
      reason: "owner gone",
    });
    const wanted = [
      ...ids.map(container),
      { kind: "folder", id: left, key: "setup", owner, reason: "owner gone" },
    ];
    for (const args of [["--dry-run"], []]) {
      const { code, rows } = await clean(...args);
      expect(code).toBe(0);
      for (const row of wanted) expect(rows).toContainEqual(row);
      expect(await Promise.all(ids.map(isThere))).toEqual(Array(2).fill(args.length > 0));
      expect(existsSync(left)).toBe(args.length > 0);
    }
  });

  const OTHERS: [name: string, labels: () => Record<string, string>, reason: string | undefined][] =
    [
      ["of this process", () => labelsOf("k", 60_000), undefined],
      [
        "of a dead process",
        () => ({ ...labelsOf("k", 60_000), "tandem.owner": dead() }),
        "owner gone",
      ],
      [
        "of a process whose pid another one has now",
        () => ({ ...labelsOf("k", 60_000), "tandem.owner": thisOwner().replace(/\d+$/, "1") }),
        "owner gone",
      ],
      [
        "of another host",
        () => ({
          ...labelsOf("k", 60_000),
          "tandem.owner": dead().replace(hostname(), "elsewhere"),
        }),
        undefined,
      ],
      [
        "of another process table",
        () => ({
          ...labelsOf("k", 60_000),
          "tandem.owner": dead().replace(/^([^/]*)\/[^/]*/, "$1/1"),
        }),
        undefined,
      ],
      [
        "of another host, expired",
        () => ({ ...labelsOf("k", -1_000), "tandem.owner": "elsewhere/1/1/1" }),
        "expired",
      ],
      ["without an owner", () => ({ tandem: "1" }), undefined],
    ];
  test.each(OTHERS)("a container %s", async (_, labels, reason) => {
    const id = await docker("create", "--network", "none", ...label(labels()), BASE_IMAGE, "true");
    try {
      const found = async (all: boolean) =>
        (await findLeftovers(engine, { all })).find((left) => left.id === id)?.reason;
      expect(await found(false)).toBe(reason as never);
      expect(await found(true)).toBe((reason ?? "all") as never);
      await reap(engine);
      expect(await isThere(id)).toBe(reason === undefined);
    } finally {
      await docker("rm", "-f", id);
    }
  });

  test("volumes and networks go the same way", async () => {
    const mine = label({ ...labelsOf("k", 60_000), "tandem.owner": dead() });
    const volume = await docker("volume", "create", ...mine);
    const network = await docker("network", "create", ...mine, `tandem-test-${process.pid}`);
    const removed = await reap(engine);
    expect(removed.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["volume", "network"]));
    expect(await docker("volume", "ls", "-q", "--filter", `name=${volume}`)).toBe("");
    expect(await docker("network", "ls", "-q", "--filter", `id=${network}`)).toBe("");
  });

  test("nothing of this file is left", async () => {
    expect(await docker("ps", "-aq", "--filter", `label=tandem.image=${place.image}`)).toBe("");
  });
});
