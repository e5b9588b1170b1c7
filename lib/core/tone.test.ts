import { expect, test } from "bun:test";
import { cellTone, takesColor, toned } from "./tone.ts";

const TERMINAL = { isTTY: true };
const PIPE = {};
test.each([
  [TERMINAL, { TERM: "xterm" }, true],
  [TERMINAL, {}, true],
  [TERMINAL, { TERM: "dumb" }, false],
  [TERMINAL, { NO_COLOR: "1" }, false],
  [TERMINAL, { NO_COLOR: "" }, true],
  [TERMINAL, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  [TERMINAL, { FORCE_COLOR: "0" }, false],
  [TERMINAL, { FORCE_COLOR: "false" }, false],
  [PIPE, { TERM: "xterm" }, false],
  [PIPE, { FORCE_COLOR: "" }, false],
  [PIPE, { FORCE_COLOR: "1", TERM: "dumb" }, true],
  [PIPE, { FORCE_COLOR: "3" }, true],
] as const)("%j with %j takes colours: %p", (stream, environment, takes) => {
  expect(takesColor(stream, environment)).toBe(takes);
});

test.each([
  ["outcome", "passed", "green"],
  ["outcome", "failed", undefined],
  ["state", "good", "green"],
  ["state", "poor", "yellow"],
  ["state", "missing", "red"],
  ["state", "constructor", undefined],
  ["faults", "0", undefined],
  ["faults", "2", "red"],
  ["fault", "engine_gone", "red"],
  ["fault", "", undefined],
] as const)("a cell of %s with %j is %p", (column, text, tone) => {
  expect(cellTone(column, text)).toBe(tone);
});

test("a text without a tone, or without colours, stays as it is", () => {
  expect(toned("x", "red", true)).toBe("\u001b[31mx\u001b[39m");
  expect([toned("x", "red", false), toned("x", undefined, true)]).toEqual(["x", "x"]);
});
