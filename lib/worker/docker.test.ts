import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../core/testing.ts";
import { suitesElsewhere } from "../errands/suite.ts";
import { dockerPlace } from "../sandbox/docker/docker.fixture.ts";
import { openBackend } from "../sandbox/registry.ts";
import { farPlace } from "./far.fixture.ts";

setDefaultTimeout(120_000);

const TESTS = `diff --git a/tests.txt b/tests.txt
new file mode 100644
--- /dev/null
+++ b/tests.txt
@@ -0,0 +1 @@
+far away
`;

const NOTHING = { found: { output: "", exit_code: -1 }, not_removed: [] };

describeWith("docker", "18: a suite in a container of another process", () => {
  test("runs on the image of that name and digest; another image is a fault that says so", async () => {
    await using place = dockerPlace();
    await using way = farPlace();
    const { registry = "", build } = place.options;
    const backend = await openBackend({
      ...{ name: "docker", log_dir: place.path, hidden: [], unsafe_local: false },
      options: { registry, build },
    });
    const base = await backend.base(place.task);
    const job = {
      ...{ task: place.task, feature_id: 1, tree: base.tree, diff: new Uint8Array() },
      ...{ tests_patch: Buffer.from(TESTS), timeout_ms: 60_000, label: "r/small/task1/features_1" },
      signal: new AbortController().signal,
    };
    const run = { job, alone: false, suite_key: "k" };
    const { found, not_removed } = (await suitesElsewhere(way.send, backend)?.(run)) ?? NOTHING;
    expect(Buffer.from(found.output).toString()).toContain("far away");
    expect({ exit_code: found.exit_code, not_removed }).toEqual({ exit_code: 0, not_removed: [] });
    expect(way.wire.texts[0]).toContain(place.image);
    const { images } = backend;
    const other = images && { ...images, digests: async () => ["sha256:0000"] };
    const elsewhere = suitesElsewhere(way.send, { ...backend, ...(other && { images: other }) });
    await expect(elsewhere?.(run)).rejects.toMatchObject({
      code: "no_image",
      message: expect.stringContaining(`the image ${place.image} is sha256:`),
    });
  });
});
