import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import type { TreeUnderTest } from "./results.ts";
import { shellPlace } from "./shell-task.fixture.ts";

setDefaultTimeout(60_000);

const PASSES = "echo '== 1 passed in 0.01s =='";
/** Counts its runs in a file outside. */
const COUNT = 'echo run >>"$OUTSIDE/runs"';
const runsOf = ({ outside }: { readonly outside: string }) =>
  existsSync(join(outside, "runs"))
    ? readFileSync(join(outside, "runs"), "utf8").trim().split("\n").length
    : 0;
const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error;
  throw new Error(`not a fault: ${error}`);
};

describe("V17: the runner dies before any test, with the gold patch too", () => {
  const DYING: [name: string, script: string, code: string, said: string][] = [
    [
      "pip without network",
      "echo 'NameResolutionError: Failed to resolve pypi.org'; echo 'ERROR: Failed to build'; exit 1",
      "runner_died",
      "NameResolutionError",
    ],
    ["V21: no runner in the image", "jest --ci", "runner_died", "jest"],
    [
      "a missing module",
      "echo 'ModuleNotFoundError: numpy'; exit 2",
      "runner_died",
      "exit status 2",
    ],
    [
      "pytest's own broken conftest",
      "echo 'ImportError while loading conftest'; exit 4",
      "runner_died",
      "exit status 4",
    ],
    [
      "a collection that only has errors",
      "echo '== 2 errors in 0.20s =='; exit 2",
      "runner_died",
      "2 errors",
    ],
    ["a silent end", "exit 3", "runner_died", "it printed nothing"],
    [
      "V14: exit 0 and words nobody reads",
      "echo 'all 3 examples were fine'",
      "output_unread",
      "all 3 examples",
    ],
    ["V14: exit 0 and nothing", "true", "output_unread", "it printed nothing"],
  ];
  test.each(DYING)("%s", async (_, script, code, said) => {
    using here = await shellPlace([`${COUNT}; ${script}`, PASSES]);
    const fault = await faultOf(here.tester().test(here.subject(1, "base")));
    expect(fault.code as string).toBe(code);
    expect(fault.message).toContain(said);
    expect(fault.message).toContain("shell_task/task1/feature1");
    expect(here.stored()).toBe(0);
    // The tree under test once; the gold patch once, and once alone.
    expect(runsOf(here)).toBe(3);
  });

  test("of the gold patch itself: once more alone, then a fault; a mended runner is tried again at once", async () => {
    using here = await shellPlace([
      `${COUNT}; [ -e "$OUTSIDE/mended" ] || { echo no network; exit 1; }; ${PASSES}`,
    ]);
    const tester = here.tester();
    const gold = here.subject(1, 1);
    expect((await faultOf(tester.test(gold))).code).toBe("runner_died");
    expect([runsOf(here), here.stored()]).toEqual([2, 0]);
    expect(tester.counts().untested).toEqual(["shell_task/task1"]);
    writeFileSync(join(here.outside, "mended"), "");
    expect(await tester.test(gold)).toMatchObject({ outcome: "passed" });
    expect(tester.counts().untested).toEqual([]);
  });
});

describe("V17, V14: where the gold patch is healthy", () => {
  const healthy = (otherwise: string) =>
    `${COUNT}; if [ -e feature1.txt ]; then ${PASSES}; else ${otherwise}; fi`;
  const OWN: [name: string, script: string, outcome: string][] = [
    ["a build that breaks is a failure", "echo 'error[E0425]'; exit 101", "failed"],
    ["words of a network are a failure", "echo NameResolutionError; exit 1", "failed"],
    ["exit 0 with unknown words is a suite without tests", "echo 'fine, fine'", "no tests ran"],
    ["exit 0 without a word is a suite without tests", "true", "no tests ran"],
  ];
  test.each(OWN)("%s, told after once more alone", async (_, otherwise, outcome) => {
    using here = await shellPlace([healthy(otherwise)]);
    const tester = here.tester();
    const result = await tester.test(here.subject(1, "base"));
    expect(result).toMatchObject({ outcome, marks: ["repeated alone"] });
    expect(runsOf(here)).toBe(3);
    expect(here.stored()).toBe(2);
    expect(tester.counts().untested).toEqual([]);
  });

  test("the gold patch's answer is shared: two trees that die cost one run of it", async () => {
    using here = await shellPlace([healthy("exit 1"), PASSES]);
    const tester = here.tester();
    const subjects: TreeUnderTest[] = [here.subject(1, "base"), here.subject(1, 2)];
    const results = await Promise.all(subjects.map((one) => tester.test(one)));
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    expect(runsOf(here)).toBe(2 + 1 + 2);
  });

  test("what died for a moment, and not when alone, is what it then is", async () => {
    using here = await shellPlace([
      `${COUNT}; [ -e feature1.txt ] || [ "$(wc -l <"$OUTSIDE/runs")" -gt 1 ] || exit 1; ${PASSES}`,
    ]);
    const result = await here.tester().test(here.subject(1, "base"));
    expect(result).toMatchObject({ outcome: "passed", marks: ["repeated alone"] });
  });

  test("a suite that says there was nothing to run is believed", async () => {
    using here = await shellPlace([`${COUNT}; echo '== no tests ran in 0.01s =='`]);
    expect(await here.tester().test(here.subject(1, "base"))).toMatchObject({
      outcome: "no tests ran",
    });
    expect(runsOf(here)).toBe(1);
  });
});

describe("V20: a suite that somebody cuts short", () => {
  const CUTS: [name: string, script: string][] = [
    ["the runner's own timeout", "timeout 0.2 sleep 9; exit $?"],
    ["a kill", "exit 137"],
  ];
  test.each(CUTS)("%s: once more alone, then tests timed out", async (_, script) => {
    using here = await shellPlace([`${COUNT}; ${script}`]);
    for (const on of ["base", 1] as const)
      expect(await here.tester().test(here.subject(1, on))).toMatchObject({
        outcome: "tests timed out",
        marks: ["repeated alone"],
      });
    expect(runsOf(here)).toBe(4);
  });

  test("that ends well when alone passes; our own deadline is not tried again", async () => {
    using here = await shellPlace([
      `${COUNT}; [ "$(wc -l <"$OUTSIDE/runs")" -gt 1 ] || exit 124; ${PASSES}`,
      `${COUNT}; sleep 30`,
    ]);
    expect(await here.tester().test(here.subject(1, 1))).toMatchObject({ outcome: "passed" });
    rmSync(join(here.outside, "runs"));
    const short = here.tester({ timeout_ms: 2_000 });
    expect(await short.test(here.subject(2, 2))).toMatchObject({
      outcome: "tests timed out",
      marks: [],
    });
    expect(runsOf(here)).toBe(1);
  });
});

test("V20, V25: a suite that is repeated has no other beside it", async () => {
  const beside = `touch "$OUTSIDE/in.$$"; sleep 0.3; ls "$OUTSIDE" | grep -c '^in' >>"$OUTSIDE/seen"; rm "$OUTSIDE/in.$$"`;
  using here = await shellPlace([
    `${beside}; exit 124`,
    `${beside}; ${PASSES}`,
    `${beside}; ${PASSES}`,
  ]);
  const tester = here.tester({ suites: 3 });
  await Promise.all([1, 2, 3].map((feature) => tester.testAlone(here.subject(feature, "base"))));
  const seen = readFileSync(join(here.outside, "seen"), "utf8").trim().split("\n");
  expect(seen).toEqual(seen.map(() => "1"));
});

describe("V25: a failing suite of a feature that is known as flaky", () => {
  const flaky = `${COUNT}; [ ! -e "$OUTSIDE/bad" ] || { rm "$OUTSIDE/bad"; echo '== 1 failed in 0.01s =='; exit 1; }; ${PASSES}`;

  test("is repeated once, alone, and one of another feature is not", async () => {
    using here = await shellPlace([flaky, `: 2; ${flaky}`]);
    await here.keepFlaky(here.subject(1, 1));
    writeFileSync(join(here.outside, "bad"), "");
    const known = await here.tester().test(here.subject(1, "base"));
    expect(known).toMatchObject({ outcome: "passed", marks: ["repeated alone"] });
    writeFileSync(join(here.outside, "bad"), "");
    expect(await here.tester().test(here.subject(2, "base"))).toMatchObject({
      outcome: "failed",
      marks: [],
    });
  });
});
