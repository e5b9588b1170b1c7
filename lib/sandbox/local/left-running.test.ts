import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { dockerPlace } from "../docker/docker.fixture.ts";
import type { Sandbox } from "../sandbox.ts";
import { processesWith, SMALL_SETUP, taskPlace } from "../task.fixture.ts";

setDefaultTimeout(60_000);

const odd = () => `sleep 1${Math.floor(Math.random() * 1e9)}.25`;

/** Commands, and how many processes of theirs are ended: none are told where the command left none. */
const CASES: [name: string, command: string, left_running: number | undefined][] = [
  ["nothing", "true", undefined],
  ["a pipeline", "seq 100000 | head -1", undefined],
  ["something that ends by itself", "sleep 0.1 &", undefined],
  ["a process substitution", "exec > >(cat); echo x", undefined],
  ["one", "sleep 600 &", 1],
  ["two", "sleep 600 & sleep 601 & disown -a; exit 3", 2],
  ["one that ignores all signals it can", "(trap '' TERM HUP INT; exec sleep 600) &", 1],
  ["one with nohup", "nohup sleep 600 >/dev/null 2>&1 &", 1],
  ["one in a group of its own", "set -m; sleep 600 &", 1],
  ["a shell with its child", "(sleep 600; true) &", 2],
  ["one that writes on", "(while echo noise; do sleep 0.05; done) & true", undefined],
];

function leavesNothing(open: () => Promise<Sandbox>): void {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await open();
  });
  afterAll(async () => await sandbox[Symbol.asyncDispose]());
  const run = (command: string, timeout_ms = 30_000) => sandbox.exec(command, { timeout_ms });

  test.each(CASES)("A24: %s", async (name, command, left_running) => {
    const result = await run(command);
    if (name === "one that writes on") expect(result.left_running).toBeGreaterThan(0);
    else expect(result.left_running).toBe(left_running);
    expect(result.exit_code).toBe(name === "two" ? 3 : 0);
    expect(Buffer.from(result.output).toString()).toMatch(/^(1\n|x\n|(noise\n)+)?$/);
  });

  test("A24: ended they are, and the next command finds none", async () => {
    const sleep = odd();
    expect((await run(`${sleep} & setsid ${sleep} & sleep 0.1`)).left_running).toBeGreaterThan(0);
    expect((await run("true")).left_running).toBeUndefined();
  });

  test("A24: of a command that was killed at its limit nothing is counted", async () => {
    const result = await run("sleep 600 & sleep 600", 500);
    expect(result).toMatchObject({ timed_out: true });
    expect(result.left_running).toBeUndefined();
  });

  test("A24: a command's own end by a signal stays what it was", async () => {
    expect(await run("sleep 600 & kill -KILL $$")).toMatchObject({ exit_code: 137 });
    expect((await run("true")).left_running).toBeUndefined();
  });
}

const place = taskPlace();
afterAll(() => place[Symbol.dispose]());
const request = { label: "x", purpose: "agent" } as const;

describe("local, unsafe", () => {
  leavesNothing(() => place.backend().open({ ...request, task: place.task(SMALL_SETUP) }));

  test("A24: what escapes into a session of its own is beyond our reach, and stays its own", async () => {
    const sleep = odd();
    await using sandbox = await place.backend().open({ ...request, task: place.task(SMALL_SETUP) });
    await sandbox.exec(`${sleep} &`, { timeout_ms: 10_000 });
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });
});
describeWith("bwrap", "local, isolated", () => {
  leavesNothing(() => place.backend(false).open({ ...request, task: place.task(SMALL_SETUP) }));
});
describeWith("docker", "docker", () => {
  const engine = dockerPlace();
  afterAll(async () => await engine[Symbol.asyncDispose]());
  leavesNothing(() => engine.backend().open({ ...request, task: engine.task }));
});
