import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import { BASE_IMAGE, docker } from "./docker.fixture.ts";
import { openEngine } from "./engine.ts";
import type { ImageProgress } from "./fetch-image.ts";
import { type ImageOptions, Images } from "./images.ts";
import { openRegistry, type Registry } from "./registry.fixture.ts";

setDefaultTimeout(120_000);

describeWith("docker", "images", () => {
  const engine = openEngine();
  let registry: Registry;
  let used: string[];
  beforeEach(async () => {
    registry = await openRegistry((await engine.platform()).split("/")[1]);
    used = [];
  });
  afterEach(async () => {
    registry[Symbol.dispose]();
    if (used.length > 0) await docker("rmi", "-f", ...used);
  });

  const openImages = (options: Partial<ImageOptions> = {}) =>
    new Images(engine, {
      ...{ build: false, keep_images: Number.POSITIVE_INFINITY, pull_timeout_ms: 60_000 },
      ...{ back_off_ms: 10, on_progress: () => undefined, ...options },
    });
  const wanted = (name: string, signal?: AbortSignal) => {
    const reference = `${registry.name}/cooperbench-${name}:task1`;
    used.push(reference);
    return { reference, dir: "/nonexistent", signal };
  };
  const isHere = async (reference: string) => (await docker("images", "-q", reference)) !== "";

  test("one pull serves all who wait, with progress, and the digest is known afterwards", async () => {
    const seen: ImageProgress[] = [];
    registry.slow_ms = 200;
    const images = openImages({ on_progress: (progress) => seen.push(progress) });
    const leases = await Promise.all(Array.from({ length: 8 }, () => images.lease(wanted("many"))));
    const [first] = leases;
    if (!first) throw new Error("eight were asked for");
    const { image } = first;
    for (const lease of leases) expect(lease.image).toEqual(image);
    expect(registry.manifests).toBeLessThan(4);
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image.repo_digests[0]).toStartWith(`${registry.name}/cooperbench-many@sha256:`);
    expect(image.platform).toBe(await engine.platform());
    expect(seen.some(({ status }) => status.includes("Pull complete"))).toBe(true);
    expect(await images.local(image.reference)).toEqual(image);
  });

  test("an image that is here is not asked for", async () => {
    const images = openImages();
    const { image } = await images.lease({
      reference: BASE_IMAGE,
      dir: "/nonexistent",
      signal: undefined,
    });
    expect(image.digest).toBe(await docker("inspect", "-f", "{{.Id}}", BASE_IMAGE));
  });

  test.each([500, 503, 429])(
    "a registry that answers %d at first is asked again",
    async (status) => {
      Object.assign(registry, { failing: 4, status });
      const { image } = await openImages().lease(wanted(`busy-${status}`));
      expect(await isHere(image.reference)).toBe(true);
    },
  );

  const NO: [name: string, prepare: (registry: Registry) => void, words: RegExp][] = [
    ["absent", () => undefined, /absent:task1 cannot be pulled: .*(not found|unknown)/],
    ["down", (own) => own[Symbol.dispose](), /cannot be pulled: .*refused/],
  ];
  test.each(NO)(
    "%s: a fault that names the image and the ways to get it",
    async (name, prepare, words) => {
      prepare(registry);
      const leasing = openImages().lease(wanted(name));
      await expect(leasing).rejects.toMatchObject({
        code: "no_image",
        message: expect.stringMatching(words),
        hint: expect.stringMatching(/--registry.*--build.*docker pull 127\.0\.0\.1/),
      });
    },
  );

  test("an absent image is asked for once, not again and again", async () => {
    await openImages()
      .lease(wanted("absent"))
      .catch(() => undefined);
    const once = registry.manifests;
    await openImages()
      .lease(wanted("absent"))
      .catch(() => undefined);
    expect(registry.manifests).toBe(once * 2);
    expect(once).toBeLessThan(4);
  });

  test("a failed pull is tried again by the next who asks", async () => {
    const images = openImages();
    registry.failing = 1_000;
    await expect(images.lease(wanted("later"))).rejects.toMatchObject({ code: "no_image" });
    registry.failing = 0;
    expect((await images.lease(wanted("later"))).image.platform).toBe(await engine.platform());
  });

  test("a pull that takes too long is a fault", async () => {
    registry.slow_ms = 20_000;
    const leasing = openImages({ pull_timeout_ms: 300 }).lease(wanted("slow"));
    await expect(leasing).rejects.toMatchObject({
      code: "no_image",
      message: expect.stringContaining("not done within 0.3 s"),
    });
  });

  test("an abort ends waiting; another waiter still gets the image", async () => {
    registry.slow_ms = 500;
    const images = openImages();
    const stop = new AbortController();
    const first = images.lease(wanted("shared", stop.signal));
    const second = images.lease(wanted("shared"));
    setTimeout(() => stop.abort(new Error("enough")), 100);
    await expect(first).rejects.toThrow("enough");
    expect((await second).image.reference).toContain("shared");
  });

  test("an image for another machine is refused before anything runs", async () => {
    const [, own] = (await engine.platform()).split("/");
    registry.architecture = own === "arm64" ? "amd64" : "arm64";
    const leasing = openImages().lease(wanted("foreign"));
    await expect(leasing).rejects.toMatchObject({
      code: "no_image",
      message: expect.stringContaining(`is for ${registry.architecture}, this engine is ${own}`),
    });
  });

  test("keep_images removes the least recently used of those that were pulled and are not held", async () => {
    const images = openImages({ keep_images: 2 });
    const names = ["one", "two", "three", "four"].map((name) => wanted(name));
    const [one, two, three, four] = names as [
      (typeof names)[0],
      (typeof names)[0],
      (typeof names)[0],
      (typeof names)[0],
    ];
    const here = async () => {
      await images.settled();
      return await Promise.all(names.map(({ reference }) => isHere(reference)));
    };
    const held = await images.lease(one);
    for (const name of [two, three]) (await images.lease(name))[Symbol.dispose]();
    expect(await here()).toEqual([true, false, true, false]);
    (await images.lease(four))[Symbol.dispose]();
    expect(await here()).toEqual([true, false, false, true]);
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    expect(await here()).toEqual([true, false, false, true]);
    // Removed and wanted again: it is pulled again.
    (await images.lease(two))[Symbol.dispose]();
    expect((await here())[1]).toBe(true);
  });

  test("keep_images never removes what was here before", async () => {
    const images = openImages({ keep_images: 0 });
    const lease = await images.lease({
      reference: BASE_IMAGE,
      dir: "/nonexistent",
      signal: undefined,
    });
    lease[Symbol.dispose]();
    await images.settled();
    expect(await isHere(BASE_IMAGE)).toBe(true);
  });

  describe("built", () => {
    const build = async (dockerfile: string | undefined, name: string) => {
      using folder = temporaryFolder();
      mkdirSync(join(folder.path, "sub"));
      writeFileSync(join(folder.path, "sub/run.sh"), "#!/bin/sh\necho built\n", { mode: 0o755 });
      if (dockerfile !== undefined) writeFileSync(join(folder.path, "Dockerfile"), dockerfile);
      return await openImages({ build: true }).lease({ ...wanted(name), dir: folder.path });
    };

    test("from the task's Dockerfile, with its folder as context", async () => {
      const { image } = await build(
        `FROM ${BASE_IMAGE}\nCOPY sub /sub\nRUN /sub/run.sh > /said\n`,
        "built",
      );
      expect(await docker("run", "--rm", image.reference, "cat", "/said")).toBe("built");
      expect(registry.manifests).toBe(0);
    });

    const BROKEN: [name: string, dockerfile: string | undefined, words: RegExp][] = [
      ["no Dockerfile", undefined, /cannot be built: its task has no Dockerfile/],
      [
        "a step that fails",
        `FROM ${BASE_IMAGE}\nRUN echo the reason; exit 3\n`,
        /the reason.*returned a non-zero code: 3/,
      ],
      ["a Dockerfile that is none", "THIS IS NONE\n", /cannot be built: .*THIS/i],
    ];
    test.each(BROKEN)("%s is a fault with the build's words", async (_, dockerfile, words) => {
      await expect(build(dockerfile, "broken")).rejects.toMatchObject({
        code: "no_image",
        message: expect.stringMatching(words),
      });
    });
  });
});
