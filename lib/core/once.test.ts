import { expect, test } from "bun:test";
import { once } from "./once.ts";

test("a value is made once, also when it is undefined", () => {
  let made = 0;
  const value = once(() => void made++);
  expect([value(), value(), made]).toEqual([undefined, undefined, 1]);
});

test("what throws is tried again", () => {
  let calls = 0;
  const value = once(() => {
    calls++;
    if (calls === 1) throw new Error("not yet");
    return calls;
  });
  expect(value).toThrow("not yet");
  expect([value(), value()]).toEqual([2, 2]);
});
