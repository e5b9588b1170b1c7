import { describe, expect, test } from "bun:test";
import { AgentClock } from "./clock.ts";

const PIECE_MS = 60;
const never = new AbortController().signal;
/** Time that passes by hand. */
let now = 0;
const pause = async (pieces = 1) => {
  now += pieces * PIECE_MS;
};
const clockOf = () => new AgentClock(undefined, { now: () => now });

/** How many pieces of time the clock counts while `work` is done. */
async function pieces(clock: AgentClock, work: () => Promise<unknown>): Promise<number> {
  const before = clock.elapsed_ms;
  await work();
  return (clock.elapsed_ms - before) / PIECE_MS;
}

describe("A1: the time of a call", () => {
  test("counts while it asks, and not while it waits for its turn", async () => {
    const clock = clockOf();
    const call = clock.call();
    expect(await pieces(clock, pause)).toBe(1);
    call.waits("turn");
    expect(clock.stopped).toBe(true);
    expect(await pieces(clock, () => pause(2))).toBe(0);
    call.asks();
    expect(await pieces(clock, pause)).toBe(1);
    call[Symbol.dispose]();
    expect(await pieces(clock, pause)).toBe(1);
  });

  test("is taken back when the try fails, however long it took", async () => {
    const clock = clockOf();
    const call = clock.call();
    call.asks();
    const counted = await pieces(clock, async () => {
      await pause(2);
      call.waits("failure");
      await pause(2);
    });
    expect(counted).toBe(0);
  });

  test("of later tries counts when one is answered, and no try that failed does", async () => {
    const clock = clockOf();
    const call = clock.call();
    const counted = await pieces(clock, async () => {
      for (let tries = 0; tries < 3; tries++) {
        call.asks();
        await pause();
        call.waits("failure");
        await pause();
      }
      call.asks();
      await pause(2);
      call[Symbol.dispose]();
    });
    expect(counted).toBe(2);
  });

  test("counts while another call of the agent is answered", async () => {
    const clock = clockOf();
    const [waiting, answered] = [clock.call(), clock.call()];
    waiting.waits("failure");
    answered.asks();
    expect(await pieces(clock, () => pause(2))).toBe(2);
    answered[Symbol.dispose]();
    expect(clock.stopped).toBe(true);
    waiting[Symbol.dispose]();
  });

  test("is taken back only when all tries of the same time have failed", async () => {
    const clock = clockOf();
    const [one, two] = [clock.call(), clock.call()];
    const counted = await pieces(clock, async () => {
      await pause(2);
      one.waits("failure");
    });
    expect(counted).toBe(2);
    two.waits("failure");
    expect(clock.elapsed_ms).toBe(0);
  });

  test("counts while a command runs, also of a try that fails", async () => {
    const clock = clockOf();
    const call = clock.call();
    call.waits("failure");
    const counted = await pieces(clock, () => clock.during(() => pause(2)));
    expect(counted).toBe(2);
    expect(clock.stopped).toBe(true);
    call.asks();
    const failing = pieces(clock, async () => {
      await clock.during(() => pause(2));
      call.waits("failure");
    });
    expect(await failing).toBe(2);
  });
});

describe("A1: the limit", () => {
  const LIMIT_MS = 40;
  const soon = () => Bun.sleep(LIMIT_MS * 5);

  test("strikes after so much time that counted, and not while the clock stands still", async () => {
    using clock = new AgentClock();
    using time = clock.startLimit(LIMIT_MS, never);
    const call = clock.call();
    call.waits("turn");
    await soon();
    expect([time.signal.aborted, time.leftMs() > 0]).toEqual([false, true]);
    call[Symbol.dispose]();
    await soon();
    expect(time.signal.aborted).toBe(true);
    expect(time.ended(time.signal.reason)).toBe(true);
  });

  test("strikes when a late answer's time is counted, and not before", async () => {
    using clock = new AgentClock();
    using time = clock.startLimit(LIMIT_MS, never);
    const call = clock.call();
    call.waits("failure");
    call.asks();
    await soon();
    expect(time.signal.aborted).toBe(false);
    call[Symbol.dispose]();
    await soon();
    expect([time.leftMs() <= 0, time.signal.aborted]).toEqual([true, true]);
  });

  test("is put off by a try that is under way, until that tells whose trouble it is", async () => {
    using clock = new AgentClock();
    using time = clock.startLimit(LIMIT_MS, never);
    const call = clock.call();
    await soon();
    expect(time.signal.aborted).toBe(false);
    call.waits("failure");
    expect(time.leftMs()).toBeGreaterThan(0);
    call.asks();
    await soon();
    expect(time.signal.aborted).toBe(false);
    call[Symbol.dispose]();
    await soon();
    expect(time.signal.aborted).toBe(true);
  });

  test("strikes as soon as such a try is answered, or has had its grace", async () => {
    using answered = new AgentClock();
    using time = answered.startLimit(LIMIT_MS, never);
    const call = answered.call();
    await soon();
    call[Symbol.dispose]();
    expect(time.signal.aborted).toBe(true);
    using silent = new AgentClock(undefined, { grace_ms: LIMIT_MS });
    using silence = silent.startLimit(LIMIT_MS, never);
    silent.call();
    await soon();
    expect(silence.signal.aborted).toBe(true);
  });

  test("is not put off by a command that runs beside a try", async () => {
    using clock = new AgentClock();
    using time = clock.startLimit(LIMIT_MS, never);
    clock.call();
    await clock.during(soon);
    expect(time.signal.aborted).toBe(true);
  });

  test("is the run's end too", () => {
    const run = new AbortController();
    using time = clockOf().startLimit(LIMIT_MS, run.signal);
    run.abort(new Error("stopped"));
    expect(time.signal.reason).toEqual(new Error("stopped"));
    expect(time.ended(time.signal.reason)).toBe(false);
  });
});
