import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takeWork } from "../../agent/submission.ts";
import { sha256 } from "../../core/files.ts";
import { eachOf } from "../../core/pool.ts";
import { describeWith, hasPart, testData } from "../../core/testing.ts";
import { run } from "../task.fixture.ts";
import { dockerPlace, openRequest } from "./docker.fixture.ts";

setDefaultTimeout(180_000);

const root = testData?.dataset ?? "";
const patches = () =>
  [...new Bun.Glob("*/task*/feature*/feature.patch").scanSync(root)].sort().map((name) => ({
    name,
    path: `/patches/gold/${name}`,
    bytes: readFileSync(join(root, name)),
  }));

describeWith("data", "gold patches", () => {
  // A skip of the engine is printed by its own tests.
  test.if(hasPart("docker"))("go into a container and come back, all 199", async () => {
    await using place = dockerPlace();
    await using sandbox = await place.backend().open(openRequest(place));
    const all = patches();
    expect(all).toHaveLength(199);
    await sandbox.putAll(all);
    const { text } = await run(sandbox, "cd /patches/gold && sha256sum $(find . -type f | sort)");
    const inside = new Map(
      text.split("\n").map((line) => [line.slice(68), line.slice(0, 64)] as const),
    );
    await eachOf(all, { concurrency: 8 }, async ({ name, path, bytes }) => {
      expect({ name, sha256: inside.get(name) }).toEqual({ name, sha256: sha256(bytes) });
      expect(Buffer.from((await sandbox.get(path)) ?? []).equals(bytes)).toBe(true);
    });
  });

  test.if(hasPart("docker"))("are handed in by an agent as patch.txt, all 199", async () => {
    await using place = dockerPlace();
    const backend = place.backend();
    await using sandbox = await backend.open({ ...openRequest(place), purpose: "agent" });
    // Without any base nothing can judge a patch: it is handed in as it stands.
    await run(sandbox, "rm -rf .git /.tandem && git init -q .");
    const { signal } = new AbortController();
    for (const { name, bytes } of patches()) {
      await sandbox.put(join(sandbox.repo_path, "patch.txt"), bytes);
      const work = await takeWork(sandbox, signal);
      expect({ name, source: work.patch_source }).toEqual({ name, source: "patch.txt" });
      expect(Buffer.from(work.patch).equals(bytes)).toBe(true);
    }
  });
});
