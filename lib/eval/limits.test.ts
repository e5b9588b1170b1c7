import { describe, expect, test } from "bun:test";
import { holdsFor } from "./limits.ts";
import { shellPlace } from "./shell-task.fixture.ts";

const LIMITS = { timeout_ms: 1000, memory_mib: 512, pids: 100, disk_mib: 200 };
type Made = Parameters<typeof holdsFor>[0];
const made = (outcome: Made["outcome"], duration_ms: number): Made => ({
  outcome,
  duration_ms,
  limits: LIMITS,
});

describe("V19: a result holds", () => {
  const CASES: [name: string, made: Made, asked: Partial<typeof LIMITS>, holds: boolean][] = [
    ["pass, the same limits", made("passed", 400), {}, true],
    ["pass, more time", made("passed", 400), { timeout_ms: 9000 }, true],
    ["pass, less time that is enough", made("passed", 400), { timeout_ms: 400 }, true],
    ["pass, less time than it took", made("passed", 400), { timeout_ms: 399 }, false],
    ["pass, more memory", made("passed", 400), { memory_mib: 1024 }, true],
    ["pass, less memory", made("passed", 400), { memory_mib: 511 }, false],
    ["pass, fewer processes", made("passed", 400), { pids: 99 }, false],
    ["pass, less disk", made("passed", 400), { disk_mib: 199 }, false],
    ["time-out, the same limits", made("tests timed out", 1000), {}, true],
    ["time-out, less time", made("tests timed out", 1003), { timeout_ms: 50 }, true],
    ["time-out, more time", made("tests timed out", 1003), { timeout_ms: 1001 }, false],
    ["time-out, more memory", made("tests timed out", 1003), { memory_mib: 1024 }, false],
    [
      "the runner's own time-out, more time",
      made("tests timed out", 300),
      { timeout_ms: 9000 },
      true,
    ],
    ["out of memory, less of it", made("out of memory", 300), { memory_mib: 100 }, true],
    ["out of memory, more of it", made("out of memory", 300), { memory_mib: 513 }, false],
    ["failure, more time", made("failed", 300), { timeout_ms: 9000 }, true],
    ["failure, other memory", made("failed", 300), { memory_mib: 1024 }, false],
    ["nothing ran, more processes", made("no tests ran", 300), { pids: 101 }, false],
    [
      "tests that do not apply, anything",
      made("tests patch does not apply", 0),
      { timeout_ms: 1 },
      true,
    ],
  ];
  test.each(CASES)("%s", (_, result, asked, holds) => {
    expect(holdsFor(result, { ...LIMITS, ...asked })).toBe(holds);
  });

  test("nowhere when its limits are not known, and against none where nothing is limited", () => {
    expect(holdsFor({ ...made("passed", 1), limits: null }, LIMITS)).toBe(false);
    const free = { timeout_ms: 1000 };
    expect(holdsFor({ ...made("passed", 1), limits: free }, free)).toBe(true);
    expect(holdsFor({ ...made("passed", 1), limits: free }, LIMITS)).toBe(false);
    expect(holdsFor(made("passed", 1), free)).toBe(true);
  });
});

test("V19: a time-out is no answer to a longer deadline, nor a slow pass to a shorter one", async () => {
  using here = await shellPlace(["sleep 0.6; echo '== 1 passed in 0.01s =='"]);
  const under = (timeout_ms: number) => here.tester({ timeout_ms }).test(here.subject(1, 1));
  expect(await under(200)).toMatchObject({
    outcome: "tests timed out",
    limits: { timeout_ms: 200 },
  });
  const shorter = await under(100);
  expect(shorter).toMatchObject({ outcome: "tests timed out", limits: { timeout_ms: 200 } });
  const passed = await under(30_000);
  expect(passed).toMatchObject({ outcome: "passed" });
  expect(await under(20_000)).toEqual(passed);
  expect(await under(250)).toMatchObject({
    outcome: "tests timed out",
    limits: { timeout_ms: 250 },
  });
});
