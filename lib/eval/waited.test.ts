import { expect, test } from "bun:test";
import { openWaited } from "./waited.ts";

const NEVER = new AbortController().signal;

test("work is stopped once everybody who waits has given it up, and each is thrown its own reason", async () => {
  const waited = openWaited(NEVER);
  const work = Promise.withResolvers<number>();
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [first, second].map(({ signal }) =>
    waited.by(work.promise, signal).catch((error: unknown) => error),
  );
  first.abort("one");
  expect([await waits[0], waited.signal.aborted]).toEqual(["one", false]);
  second.abort("two");
  expect([await waits[1], waited.signal.aborted]).toEqual(["two", true]);
});

test("work that somebody waits for to the end, or that has ended, is not stopped", async () => {
  const waited = openWaited(NEVER);
  const work = Promise.withResolvers<number>();
  const giving_up = new AbortController();
  const whole = waited.by(work.promise);
  const left = waited.by(work.promise, giving_up.signal).catch((error: unknown) => error);
  giving_up.abort("left");
  expect([await left, waited.signal.aborted]).toEqual(["left", false]);
  work.resolve(7);
  const late = new AbortController();
  expect([await whole, await waited.by(work.promise, late.signal)]).toEqual([7, 7]);
  late.abort();
  expect(waited.signal.aborted).toBe(false);
});
