import { describe, expect, test } from "bun:test";
import type { ArmStatus } from "./arm.ts";
import { armLine, changeLines, isNews } from "./plain.ts";
import { arm, look, oneProcess } from "./status.fixture.ts";
import type { Status } from "./status.ts";

test.each<[fields: Partial<ArmStatus>, line: string]>([
  [
    {},
    "coop-mini: 312/652 done, 300 evaluated, 120 passed, 14 under way, $41.20 of about $86.10, about 2h14m left",
  ],
  [
    { faults: { engine_gone: 2, no_image: 1 }, waiting: 2, eta_ms: null, forecast_usd: null },
    "coop-mini: 312/652 done, 300 evaluated, 120 passed, 14 under way, 3 faults (engine_gone 2, no_image 1), 2 waiting, $41.20",
  ],
  [
    { total: null, eta_ms: null, forecast_usd: null, unpriced: 1, faults: { no_image: 1 } },
    "coop-mini: 312 done, 300 evaluated, 120 passed, 14 under way, 1 fault (no_image 1), ≥$41.20",
  ],
])("%p", (fields, line) => {
  expect(armLine(arm(fields))).toBe(line);
});

describe("a line is worth it", () => {
  const cases: [title: string, fields: Partial<ArmStatus>, expected: boolean][] = [
    ["not for time, cost or one attempt more", { eta_ms: 1, cost_usd: 50, done: 313 }, false],
    ["for another tenth done", { done: 326 }, true],
    ["for another tenth evaluated", { evaluated: 326 }, true],
    ["for a fault more", { faults: { no_image: 1 } }, true],
    ["not for one overcome", { faults: {} }, false],
    ["not for attempts of a run that nobody planned", { total: null, done: 326 }, false],
    ["not for a run of nothing", { total: 0, done: 0, evaluated: 0 }, false],
  ];
  test.each(cases)("%s", (title, fields, expected) => {
    const told = arm({ total: fields.total === undefined ? 652 : fields.total });
    const before = fields.total === 0 ? { ...told, done: 0, evaluated: 0 } : told;
    const broken = title.includes("overcome") ? { ...before, faults: { no_image: 1 } } : before;
    expect(isNews(arm(fields), broken)).toBe(expected);
  });

  test("the first time", () => {
    expect(isNews(arm(), undefined)).toBe(true);
  });
});

describe("changes", () => {
  const cases: [title: string, now: Status, lines: RegExp[]][] = [
    [
      "are none while only time goes by",
      look({ arms: [arm({ eta_ms: 1, cost_usd: 42 })], tokens_per_min: 1 }),
      [],
    ],
    ["of a run are its line", look({ arms: [arm({ done: 313 })] }), [/^coop-mini: 313\/652 done/]],
    [
      "of faults too",
      look({ arms: [arm({ faults: { no_image: 1 } })] }),
      [/1 fault \(no_image 1\)/],
    ],
    ["are a new run", look({ arms: [arm(), arm({ run: "solo" })] }), [/^solo: /]],
    [
      "are a process that drains",
      look({ processes: [oneProcess({ state: "draining" })] }),
      [/^process 4242 \(pipeline\): draining$/],
    ],
    [
      "and one that is gone",
      look({ processes: [oneProcess({ presence: "gone" })] }),
      [/^process 4242 \(pipeline\): gone$/],
    ],
    ["and one that ended", look({ processes: [] }), [/^process 4242 \(pipeline\): ended$/]],
    [
      "and one that began",
      look({
        processes: [oneProcess(), oneProcess({ owner: "h/1/7/1", pid: 7, command: "eval" })],
      }),
      [/^process 7 \(eval\): running$/],
    ],
  ];
  test.each(cases)("%s", (_, now, lines) => {
    const said = changeLines(now, look());
    expect(said).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) expect(said[index]).toMatch(line);
  });

  test("are everything at first", () => {
    expect(changeLines(look())).toEqual([armLine(arm()), "process 4242 (pipeline): running"]);
  });
});
