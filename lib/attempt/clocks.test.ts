import { describe, expect, test } from "bun:test";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { memoryMailbox } from "../team/memory.ts";
import { clockedMailbox, clockedSandbox, keepAlive, openClocks } from "./clocks.ts";

const PIECE_MS = 60;
const pause = (pieces = 1) => Bun.sleep(pieces * PIECE_MS);

/** Agents with their clocks and mailboxes. */
function team(count: number) {
  const ids = Array.from({ length: count }, (_, index) => `agent${index + 1}`);
  const shared = memoryMailbox(ids);
  const clocks = openClocks(ids);
  return ids.map((id) => {
    const clock = clocks.get(id);
    if (clock === undefined) throw new Error(`no clock of ${id}`);
    const others = ids.filter((other) => other !== id);
    const mailbox = clockedMailbox(shared, clock, others);
    const wait = (pieces: number, partners?: readonly string[]) =>
      mailbox.wait(id, { timeout_ms: pieces * PIECE_MS, ...(partners ? { partners } : {}) });
    const say = (recipient: string) =>
      mailbox.send({ sender: id, recipient, content: "hello", sent_step: 1 });
    return { id, clock, wait, say, finish: () => mailbox.finish(id) };
  });
}
type Agents = [
  ReturnType<typeof team>[number],
  ReturnType<typeof team>[number],
  ReturnType<typeof team>[number],
];
const three = () => team(3) as Agents;

/** While the last agent's call waits out a failure both others stand still; after it their waits end. */
async function expectStopped(
  [one, two, last]: readonly [Agents[0], Agents[0], Agents[0]],
  begin: () => Promise<unknown>[],
): Promise<void> {
  const call = last.clock.call();
  call.waits("failure");
  const waits = begin();
  await pause(3);
  expect([one.clock.stopped, two.clock.stopped]).toEqual([true, true]);
  call[Symbol.dispose]();
  expect(await Promise.all(waits)).toEqual(["timeout", "timeout"]);
}

describe("A1: a wait for messages", () => {
  test("stands still with the clock of the one who is waited for, and so does the waiter's", async () => {
    const [one, two] = three();
    const call = two.clock.call();
    call.waits("failure");
    const began = one.clock.elapsed_ms;
    const waiting = one.wait(2, ["agent2"]);
    await pause(5);
    expect([one.clock.stopped, one.clock.elapsed_ms - began < PIECE_MS]).toEqual([true, true]);
    await two.say("agent1");
    expect(await waiting).toBe("message");
    expect(one.clock.stopped).toBe(false);
    call[Symbol.dispose]();
  });

  test("goes on where it stood, and ends after the time that counted", async () => {
    const [one, two] = three();
    const started = performance.now();
    const waiting = one.wait(3, ["agent2"]);
    await pause();
    const call = two.clock.call();
    call.waits("turn");
    await pause(4);
    call.asks();
    expect(await waiting).toBe("timeout");
    expect(performance.now() - started).toBeGreaterThan(7 * PIECE_MS - 10);
    call[Symbol.dispose]();
  });

  test("for several stands still while one of them does, and not for those who are not waited for", async () => {
    const [one, two, others] = three();
    const call = others.clock.call();
    call.waits("failure");
    expect(await one.wait(1, ["agent2"])).toBe("timeout");
    const waiting = one.wait(1);
    await pause(3);
    expect(one.clock.stopped).toBe(true);
    await two.finish();
    call[Symbol.dispose]();
    expect(await waiting).toBe("timeout");
  });

  test("for one who waits for one who stands still stands still too", async () => {
    const [one, two, last] = three();
    await expectStopped([one, two, last], () => [one.wait(1, ["agent2"]), two.wait(1, ["agent3"])]);
  });

  test("in a ring ends, and goes on when the outage that stopped it is over", async () => {
    const [one, two, last] = three();
    expect(await Promise.all([one.wait(1, ["agent2"]), two.wait(1, ["agent1"])])).toEqual([
      "timeout",
      "timeout",
    ]);
    await expectStopped([one, two, last], () => [one.wait(1), two.wait(1)]);
  });

  test("of no time looks once, and a message that is there ends any", async () => {
    const [one, two] = three();
    expect(await one.wait(0)).toBe("timeout");
    await two.say("agent1");
    expect(await one.wait(0)).toBe("message");
  });

  test("counts a command of the waiter that runs meanwhile", async () => {
    const [one, two] = three();
    const call = two.clock.call();
    call.waits("failure");
    const waiting = one.wait(1);
    const before = one.clock.elapsed_ms;
    await one.clock.during(() => pause(2));
    expect(one.clock.elapsed_ms - before).toBeGreaterThan(2 * PIECE_MS - 10);
    call[Symbol.dispose]();
    await waiting;
  });
});

describe("A1: a sandbox that ends by itself", () => {
  const sandboxOf = (prolong?: (ms: number) => Promise<void>): Sandbox => ({
    ...{ repo_path: "/r", work_path: "/w", base_commit: "c", base_git: "/g" },
    exec: async () => {
      await pause(2);
      const output = new Uint8Array();
      return {
        ...{ exit_code: 0, output, dropped_bytes: 0, timed_out: false },
        ...{ oom_killed: false, duration_ms: 1 },
      };
    },
    put: async () => undefined,
    putAll: async () => undefined,
    get: async () => undefined,
    addProgram: async () => undefined,
    ...(prolong === undefined ? {} : { prolong }),
    async [Symbol.asyncDispose]() {},
  });

  test("lives longer by the time for which the clock stood still, in whole pieces", async () => {
    const [one] = three();
    const given: number[] = [];
    const sandbox = sandboxOf(async (ms) => void given.push(ms));
    const long_ms = PIECE_MS * 3;
    using _alive = keepAlive(sandbox, one.clock, long_ms);
    // A busy machine's pauses are longer: what the clock says of them counts.
    let [least_ms, most_ms] = [0, 0];
    const stop = async (pieces: number) => {
      const before = performance.now();
      const call = one.clock.call();
      call.waits("turn");
      const from = performance.now();
      await pause(pieces);
      least_ms += performance.now() - from;
      call[Symbol.dispose]();
      most_ms += performance.now() - before;
    };
    for (const pieces of [1, 1, 3, 4]) {
      await stop(pieces);
      await pause(pieces);
      const lengths = given.map((ms) => ms / long_ms);
      expect(lengths.every((length) => Number.isInteger(length) && length > 0)).toBe(true);
      const whole = lengths.reduce((sum, length) => sum + length, 0);
      expect(whole).toBeGreaterThanOrEqual(Math.floor(least_ms / long_ms));
      expect(whole).toBeLessThanOrEqual(Math.floor(most_ms / long_ms));
    }
    expect(given.length).toBeGreaterThan(0);
  });

  test("commands are the agent's time, whatever its calls do", async () => {
    const [one] = three();
    const call = one.clock.call();
    call.waits("failure");
    const sandbox = clockedSandbox(sandboxOf(), one.clock);
    const before = one.clock.elapsed_ms;
    await sandbox.exec("true", { timeout_ms: 1000 });
    const counted = one.clock.elapsed_ms - before;
    expect(counted).toBeGreaterThan(2 * PIECE_MS - 10);
    await sandbox.exec("true", { timeout_ms: 1000, harness: true });
    expect(one.clock.elapsed_ms - before).toBe(counted);
    call[Symbol.dispose]();
  });
});
