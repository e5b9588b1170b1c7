import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { takeWork, workOutcome } from "../../agent/submission.ts";
import { describeWith } from "../../core/testing.ts";
import { run } from "../task.fixture.ts";
import { type DockerPlace, dockerPlace, openRequest } from "./docker.fixture.ts";

setDefaultTimeout(120_000);

describeWith("docker", "A12, A13: an agent's work in a container", () => {
  let place: DockerPlace;
  beforeAll(() => {
    place = dockerPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const EDIT = "echo new > new.txt";
  const TREE = { outcome: "submitted", patch_source: "work tree", holds: true };
  const CASES: [name: string, script: string, expected: object][] = [
    ["whose git folder is removed", `${EDIT}; rm -rf .git`, TREE],
    [
      "whose git folder is made anew",
      `${EDIT}; rm -rf .git; git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm x`,
      TREE,
    ],
    ["whose configuration is broken", `${EDIT}; echo '[broken' >> .git/config`, TREE],
    ["without the harness's copy of the base", `${EDIT}; rm -rf /.tandem`, TREE],
    [
      "without any base, with nothing handed in",
      `${EDIT}; rm -rf /.tandem .git`,
      { outcome: "empty patch", patch_source: "not taken" },
    ],
    [
      "with a sparse patch.txt of 2 GB",
      `${EDIT}; truncate -s 2G patch.txt`,
      { outcome: "patch too large", taken: { size_bytes: 2 * 1024 ** 3 } },
    ],
    [
      "replaced by a file",
      "cd /; rm -rf /workspace/repo; echo x > /workspace/repo",
      { outcome: "empty patch" },
    ],
    [
      "replaced by a link to nothing",
      "cd /; rm -rf /workspace/repo; ln -s /nowhere /workspace/repo",
      { outcome: "empty patch" },
    ],
    [
      "moved, and a link in its place",
      `${EDIT}; cd /; mv /workspace/repo /moved; ln -s /moved /workspace/repo`,
      TREE,
    ],
    [
      "with its work folder replaced by a file",
      `${EDIT}; rm -rf /patches; echo x > /patches`,
      TREE,
    ],
    [
      "with its work folder replaced by a link",
      `${EDIT}; rm -rf /patches; ln -s /nowhere /patches`,
      TREE,
    ],
    [
      "with a patch.txt that leads to an endless device",
      `${EDIT}; ln -s /dev/zero patch.txt`,
      { outcome: "submitted", holds: true },
    ],
  ];
  test.each(CASES)("%s", async (_, script, expected) => {
    await using sandbox = await place.backend().open({ ...openRequest(place), purpose: "agent" });
    await run(sandbox, script);
    const work = await takeWork(sandbox, new AbortController().signal);
    const holds = Buffer.from(work.patch).toString().includes("+++ b/new.txt");
    const { patch, ...rest } = work;
    expect({ ...rest, outcome: workOutcome(work), holds }).toMatchObject(expected);
  });
});
