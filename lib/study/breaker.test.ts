import { expect, test } from "bun:test";
import { Fault, type FaultCode } from "../core/fault.ts";
import { openBreaker } from "./breaker.ts";

const CODES: Record<string, FaultCode> = { e: "engine_gone", p: "provider_down" };
const faultOf = (letter: string) => {
  const code = CODES[letter];
  return code === undefined ? undefined : new Fault(code, `fault ${letter}`, { hint: "wait" });
};

/** Letters are units in order: `.` went well, the others met a fault of one kind each. */
const CASES: [units: string, keep_going: boolean, broken: FaultCode | undefined][] = [
  ["", false, undefined],
  ["eeee", false, undefined],
  ["eeeee", false, "engine_gone"],
  ["eeeee", true, undefined],
  ["eeee.eeee", false, undefined],
  ["eeee.eeeee", false, "engine_gone"],
  ["eeeepeeee", false, undefined],
  ["eeeeppppp", false, "provider_down"],
  ["eeeee.", false, "engine_gone"],
  ["eeeeep", false, "engine_gone"],
  ["...........", false, undefined],
];
test.each(CASES)("%j (keep going: %p) breaks with %p", (units, keep_going, broken) => {
  const breaker = openBreaker(keep_going);
  for (const letter of units) breaker.note(faultOf(letter));
  expect(breaker.broken()?.code).toBe(broken);
});

test("what is told is the fault of the unit that broke it", () => {
  const breaker = openBreaker(false);
  const faults = Array.from({ length: 6 }, (_, n) => new Fault("no_image", `${n}`, { hint: "" }));
  for (const fault of faults) breaker.note(fault);
  expect(breaker.broken()?.message).toBe("4");
});
