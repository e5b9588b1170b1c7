import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { git, gitText } from "../../core/git.ts";
import { describeWith } from "../../core/testing.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import { readKnown } from "./image-cache.ts";

setDefaultTimeout(120_000);

describeWith("docker", "bases", () => {
  let place: DockerPlace;
  beforeAll(() => {
    place = dockerPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());
  const absent = () => place.backend({ socket: "/nonexistent/engine.sock" });

  test("nothing is known before the image is here", async () => {
    const backend = place.backend();
    expect(await backend.environment(place.task)).toBeUndefined();
    expect(await backend.baseAtHand(place.task)).toBeUndefined();
  });

  test("the base is the tree of the image's HEAD, as one commit, made once for all who ask", async () => {
    const backend = place.backend();
    const [base, same] = await Promise.all([backend.base(place.task), backend.base(place.task)]);
    expect(same).toEqual(base);
    const look = { git_dir: base.git_dir };
    expect(await gitText(["log", "--all", "--format=%s %T"], look)).toBe(`base ${base.tree}`);
    expect(await gitText(["show", "main:three.txt"], look)).toBe("one\ntwo\nthree");
    await git(["fsck", "--strict"], look);
    await using sandbox = await backend.open(openRequest(place));
    expect((await run(sandbox, "git rev-parse HEAD^{tree}")).text).toBe(`${base.tree}\n`);
    expect(readdirSync(join(place.cache_dir, ".tmp"))).toEqual([]);
    expect(
      await docker(
        "ps",
        "-aq",
        "--filter",
        `label=tandem.image=${place.image}`,
        "--filter",
        "label=tandem.run=base",
      ),
    ).toBe("");
  });

  test("it is at hand for the next process, with the image's digest", async () => {
    const digest = await docker("inspect", "-f", "{{.Id}}", place.image);
    const backend = place.backend();
    expect(await backend.environment(place.task)).toBe(`docker ${digest} network none`);
    const online = place.backend({ network: "open" });
    expect(await online.environment(place.task)).toBe(`docker ${digest}`);
    expect(await backend.baseAtHand(place.task)).toEqual(await backend.base(place.task));
  });

  test("it stays at hand without an engine, and so does the digest", async () => {
    const known = readKnown(place.cache_dir, place.image);
    expect(known).toMatchObject({
      reference: place.image,
      platform: expect.stringContaining("linux/"),
    });
    expect(await absent().environment(place.task)).toBe(`docker ${known?.digest} network none`);
    expect(await absent().baseAtHand(place.task)).toMatchObject({ tree: known?.tree ?? "" });
  });

  test("what the cache remembers may be damaged or gone", async () => {
    const folder = join(place.cache_dir, "images/known");
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"reference": ');
    expect(await absent().environment(place.task)).toBeUndefined();
    rmSync(join(place.cache_dir, "images"), { recursive: true });
    const base = await place.backend().base(place.task);
    expect(await absent().baseAtHand(place.task)).toEqual(base);
  });

  test("the image's runner runs a patch of the work folder", async () => {
    const backend = place.backend();
    await using sandbox = await backend.open(openRequest(place));
    const patch =
      "diff --git a/tests.txt b/tests.txt\nnew file mode 100644\n--- /dev/null\n+++ b/tests.txt\n@@ -0,0 +1 @@\n+it ran\n";
    const path = join(sandbox.work_path, "tests.patch");
    await sandbox.put(path, Buffer.from(patch));
    const feature = join(sandbox.work_path, "feature.patch");
    await sandbox.put(feature, Buffer.from(patch.replaceAll("tests.txt", "feature.txt")));
    const runner = backend.runner(place.task);
    expect(runner.script).toBeUndefined();
    expect((await run(sandbox, runner.command(sandbox, path, feature))).text).toBe("it ran\n");
  });

  test("an image without a repository is a fault that says so", async () => {
    const name = `${place.image.split("/")[0]}/cooperbench-bare:task2`;
    await docker("tag", process.env.TANDEM_TEST_IMAGE ?? "tandem-test:base", name);
    try {
      const task = { ...place.task, repo: "bare_task", task_id: 2 };
      await expect(place.backend().base(task)).rejects.toMatchObject({
        code: "setup_failed",
        hint: expect.stringContaining("/workspace/repo"),
      });
    } finally {
      await docker("rmi", name);
    }
  });
});
