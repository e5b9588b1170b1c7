import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPO, startHub, TOKEN } from "../lib/dataset/hub.fixture.ts";
import { filesBelow } from "../lib/dataset/read.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

/** The demo task under another name: a whole dataset of one task, served by a hub. */
const demo = join(import.meta.dir, "../dataset/demo_task/task1");
const TASK = Object.fromEntries(
  [...filesBelow(demo)]
    .filter(([path]) => !path.startsWith("recordings/"))
    .map(([path, bytes]) => [`dataset/other_task/task1/${path}`, new Uint8Array(bytes)]),
);

describe("fetch-dataset from a hub", () => {
  test("downloads, indexes, and the second time fetches and writes nothing", async () => {
    using hub = startHub(TASK, { page: 7, token: TOKEN });
    using here = place();
    const call = ["--hub", REPO, "--endpoint", hub.url];
    const first = await here.call("fetch-dataset", call, { env: { HF_TOKEN: TOKEN } });
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('"repos":1,"tasks":1,"features":5,"pairs":10');
    const patch = "other_task/task1/feature1/feature.patch";
    expect(readFileSync(here.at("dataset", patch))).toEqual(
      readFileSync(join(demo, "feature1/feature.patch")),
    );
    const asked = hub.seen.length;
    const again = await here.call("fetch-dataset", call, { env: { HF_TOKEN: TOKEN } });
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toContain("0 downloaded");
    expect(hub.seen.slice(asked).filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
    const run = await here.call("run-pair", ["-n", "x", "-a", "gold"]);
    expect(jsonLines(run.stdout)).toHaveLength(10);
  });

  const refused: [what: string, args: string[], code: string, says: string][] = [
    ["a private dataset without a token", [], "hub_auth", "HF_TOKEN"],
    ["a dataset that is not there", ["--hub", "nobody/nothing"], "hub_missing", "nobody/nothing"],
  ];
  test.each(refused)("%s is a fault in one line, exit 1", async (_, args, code, says) => {
    using hub = startHub(TASK, args.length === 0 ? { token: TOKEN } : {});
    using here = place();
    const called = await here.call(
      "fetch-dataset",
      ["--hub", REPO, ...args, "--endpoint", hub.url],
      { env: { HF_TOKEN: "" } },
    );
    expect({ code: called.code, stdout: called.stdout }).toEqual({ code: 1, stdout: "" });
    expect(called.stderr.trim().split("\n")).toHaveLength(1);
    expect(called.stderr).toContain(`[${code}]`);
    expect(called.stderr).toContain(says);
  });
});
