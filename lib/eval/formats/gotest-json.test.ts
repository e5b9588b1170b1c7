import { expect, test } from "bun:test";
import { checkCases, readTestOutput } from "./cases.ts";

const event = (pack: string, action: string, more: object = {}) =>
  `${JSON.stringify({ Time: "2026-01-01T00:00:00Z", Action: action, Package: pack, ...more })}\n`;
const said = (pack: string, ...outputs: string[]) =>
  outputs.map((Output) => event(pack, "output", { Output }));
const TEST = (name: string, word: string) => [
  `=== RUN   ${name}\n`,
  `--- ${word}: ${name} (0.00s)\n`,
];
const A = said("m/a", ...TEST("TestA", "PASS"), "PASS\n", "ok  \tm/a\t0.004s\n");
const B = said("m/b", ...TEST("TestB", "FAIL"), "FAIL\n", "FAIL\tm/b\t0.004s\n");
const mixed = A.flatMap((line, index) => [line, B[index] ?? ""]).join("");
const ENDED = event("m/a", "pass") + event("m/b", "fail");

checkCases("go", [
  {
    title: "V13: packages whose events are mixed",
    output: mixed + ENDED,
    counts: [1, 1, 0, 0],
    runs: 2,
    tests: ["passed TestA", "failed TestB"],
  },
  {
    title: "V13: a line that comes in two events",
    output: [...said("m/a", "=== RUN   TestA\n", "--- PASS: Te"), ...said("m/a", "stA (0.00s)\n")]
      .concat(said("m/a", "PASS\n", "ok  \tm/a\t0.004s\n"), event("m/a", "pass"))
      .join(""),
    counts: [1, 0, 0, 0],
  },
]);

test("V5: a package of events that said neither a test nor PASS was left", () => {
  const left = said("m/b", "ok  \tm/b\t0.004s\n").join("") + event("m/b", "pass");
  const { units } = readTestOutput(A.join("") + event("m/a", "pass") + left, { go_verbose: true });
  expect(units.map(({ concluded }) => concluded)).toEqual([true, false]);
});

test("V5: PASS behind what a test left on the line is said", () => {
  const output = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nstoppedPASS\nok  \tm/a\t0.004s\n";
  const { passed, units } = readTestOutput(output, { go_verbose: true });
  expect({ passed, open: units.filter(({ concluded }) => !concluded) }).toEqual({
    passed: 1,
    open: [],
  });
});

test("V13: a line that only looks like an event is content", () => {
  const { passed } = readTestOutput(`{"Action":"output"\n{"a":1}\n${A.join("")}${ENDED}`);
  expect(passed).toBe(1);
});
