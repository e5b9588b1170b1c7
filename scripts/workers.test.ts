import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { describeWith, hasPart, temporaryFolder } from "../lib/core/testing.ts";
import { place } from "./cli.fixture.ts";
import { alone, mishandle, notOnce, scene, studyText, textOf } from "./workers.fixture.ts";

setDefaultTimeout(120_000);

const NOWHERE = "redis://127.0.0.1:1";
const REFUSED: [what: string, script: string, args: string[], code: number, said: RegExp][] = [
  [
    "a queue without a server",
    "eval",
    ["--engine", "bullmq"],
    2,
    /needs the server of its queue: --redis/,
  ],
  [
    "a server that is to be started",
    "run-pair",
    ["-m", "replay/demo", "-r", "demo_task", "--engine", "bullmq", "--redis", "auto"],
    2,
    /needs the server of its queue/,
  ],
  ["an engine that is not one", "eval", ["--engine", "bullmk"], 2, /bullmq/],
  [
    "a queue's name without a queue",
    "eval",
    ["--queue", "x"],
    2,
    /--queue goes with --engine bullmq/,
  ],
  [
    "a store without a queue",
    "eval",
    ["--artifacts", "s3://a"],
    2,
    /--artifacts goes with --engine bullmq/,
  ],
  ["a server that is none", "eval", ["--engine", "bullmq", "--redis", NOWHERE], 1, /queue_gone/],
  [
    "no silence at all",
    "eval",
    ["--engine", "bullmq", "--redis", NOWHERE, "--worker-silence", "0"],
    2,
    /--worker-silence takes a number/,
  ],
  [
    "a study's messages as a flag",
    "pipeline",
    ["-f", "study.toml", "--redis", NOWHERE],
    2,
    /--redis goes with --engine bullmq/,
  ],
];
test.each(REFUSED)("%s is refused with one line", async (_, script, args, code, said) => {
  using here = place();
  const called = await here.call(script, args);
  expect(called.stderr).toMatch(said);
  expect([called.code, called.stderr.trim().split("\n").length]).toEqual([code, 1]);
});

const WORKERS: [what: string, args: string[], code: number, said: RegExp][] = [
  ["without a server", [], 2, /needs the server of its queue: --redis/],
  ["with an address that is none", ["--redis", "localhost"], 2, /must look like redis:/],
  ["at a server that is none", ["--redis", NOWHERE], 1, /queue_gone/],
  ["with no place", ["--redis", NOWHERE, "-c", "0"], 2, /-c takes a whole number/],
];
test.each(WORKERS)("a worker %s says so in one line", async (_, args, code, said) => {
  using folder = temporaryFolder();
  const child = Bun.spawn(["bun", join(import.meta.dir, "worker.ts"), ...args], {
    ...{ cwd: folder.path, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  const stderr = await textOf(child.stderr);
  expect(stderr).toMatch(said);
  expect([await child.exited, stderr.trim().split("\n").length]).toEqual([code, 1]);
});

describeWith(hasPart("unshare") ? "redis" : "unshare", "workers on other machines", () => {
  test("a study comes out the same when workers are killed and frozen, the server forgets all, and its driver dies", async () => {
    await using at = await scene(studyText(5, false));
    const shared = await mishandle(at, 5, 6_000);
    expect(notOnce(at, "shared")).toEqual([]);
    expect(JSON.parse(shared)).toEqual(JSON.parse(await alone(at)));
    expect(at.rows("shared", "SELECT * FROM leases")).toEqual([]);
    // A driver that has ended listens to no worker.
    const heard = "SELECT ended_at IS NOT NULL AND busy = 0 AS left FROM workers GROUP BY left";
    expect(at.rows("shared", heard)).toEqual([{ left: 1 }]);
  });
});
