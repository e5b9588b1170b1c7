import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { deadOwnerTag, describeWith } from "../../core/testing.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "./docker.fixture.ts";
import { openEngine } from "./engine.ts";
import {
  commitImage,
  isAbandoned,
  localImage,
  nameImage,
  sweepUnfinished,
  unfinished,
} from "./warm-image.ts";

setDefaultTimeout(120_000);

/** The name that a process which is gone would have given. */
function ofDead(template: string): string {
  return `${template}-part.${deadOwnerTag()}`;
}

describe("unfinished images", () => {
  const CASES: [template: string, expected: RegExp][] = [
    ["warm/a-{repo}:task{task}", /^warm\/a-\{repo\}:task\{task\}-part\.\d+\.[0-9a-f]{16}$/],
    ["host:5000/{repo}-{task}", /^host:5000\/\{repo\}-\{task\}:part\.\d+\.[0-9a-f]{16}$/],
  ];
  test.each(CASES)("of %s are named after this process", (template, expected) => {
    expect(unfinished(template)).toMatch(expected);
    expect(isAbandoned(unfinished(template))).toBe(false);
  });

  test("are abandoned when a process that we would see is gone", () => {
    expect(isAbandoned(ofDead("a:b"))).toBe(true);
    expect(isAbandoned(ofDead("a:b").replace(/\w{16}$/, "0".repeat(16)))).toBe(false);
    expect(isAbandoned("a:b")).toBe(false);
  });
});

describeWith("docker", "warm images", () => {
  let place: DockerPlace;
  const engine = openEngine();
  const made: string[] = [];
  beforeAll(async () => {
    place = dockerPlace();
    await using _first = await place.backend().open(openRequest(place));
  });
  afterAll(async () => {
    for (const name of made) await docker("rmi", "-f", name);
    await place[Symbol.asyncDispose]();
  });

  async function commit(name: string, task_hash = "h"): Promise<string> {
    await using sandbox = await place.backend().open(openRequest(place));
    await run(sandbox, "echo kept > /opt/kept");
    made.push(name);
    const origin = { source: sandbox.image.digest, task_hash };
    const env = ["LANG=de", "PIP_RETRIES=1"];
    await commitImage(engine, { container_id: sandbox.container_id, name, origin, env });
    return sandbox.image.digest;
  }
  const named = (tag: string) => `${place.image}-${tag}`;

  test("run what their source runs, with more variables, under labels of their own", async () => {
    const source = await commit(named("one"));
    const image = await localImage(engine, named("one"));
    expect(image?.origin).toEqual({ source, task_hash: "h", rules: expect.any(String) });
    const config = async (name: string) =>
      JSON.parse(await docker("inspect", "-f", "{{json .Config}}", name));
    const [before, after] = [await config(place.image), await config(named("one"))];
    expect(after.Entrypoint).toEqual(["/usr/local/bin/runner.sh"]);
    expect({ cmd: after.Cmd ?? null, folder: after.WorkingDir }).toEqual({
      cmd: before.Cmd ?? null,
      folder: before.WorkingDir,
    });
    expect(after.Env.toSorted()).toEqual(
      [
        ...before.Env.filter((one: string) => !one.startsWith("LANG=")),
        "LANG=de",
        "PIP_RETRIES=1",
      ].toSorted(),
    );
    // Labels of an image are its containers' too: they must not pass for those of a dead owner.
    expect(after.Labels).toMatchObject({ tandem: "", "tandem.owner": "", "tandem.key": "" });
    expect(
      await docker(
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        "cat",
        named("one"),
        "/opt/kept",
      ),
    ).toBe("kept");
  });

  test("that get another's name replace it; an image that has more names stays", async () => {
    await commit(named("old"), "1");
    await commit(named("new"), "2");
    const [old, other] = [
      await localImage(engine, named("old")),
      await localImage(engine, named("new")),
    ];
    await nameImage(engine, other?.digest ?? "", named("old"));
    expect((await localImage(engine, named("old")))?.origin?.task_hash).toBe("2");
    expect(await localImage(engine, old?.digest ?? "")).toBeUndefined();
    await commit(named("third"), "3");
    const third = await localImage(engine, named("third"));
    await nameImage(engine, third?.digest ?? "", named("old"));
    expect((await localImage(engine, named("new")))?.digest).toBe(other?.digest ?? "");
  });

  test("of a killed process are swept, those of a living one are not", async () => {
    const [left, living] = [ofDead(place.image), unfinished(place.image)];
    await commit(left);
    await commit(living);
    expect(await sweepUnfinished(engine)).toContain(left);
    expect(await localImage(engine, left)).toBeUndefined();
    expect(await localImage(engine, living)).toBeDefined();
  });
});
