import { describe, expect, test } from "bun:test";
import { heading, renderBoard, renderLook } from "./board.ts";
import { AT, arm, look, oneProcess, unit } from "./status.fixture.ts";
import type { Status } from "./status.ts";

const MANY = Array.from({ length: 30 }, (_, index) =>
  unit(`huggingface_datasets_task/task7309/features_${index + 1}_${index + 2}`),
);
const SOLO = arm({
  run: "solo",
  setting: "solo",
  active: 0,
  faults: { engine_gone: 2, no_image: 1 },
  waiting: 3,
});
const TWO_ARMS = look({ arms: [arm(), SOLO] });
const NOTHING = look({
  arms: [
    arm({
      done: 0,
      merged: 0,
      evaluated: 0,
      passed: 0,
      active: 0,
      cost_usd: 0,
      forecast_usd: null,
      eta_ms: null,
    }),
  ],
  units: [],
  processes: [],
  models: [],
  tokens_per_min: null,
});
const ALL_DONE = look({
  arms: [
    arm({
      done: 652,
      merged: 652,
      evaluated: 652,
      passed: 300,
      active: 0,
      cost_usd: 86.1,
      eta_ms: 0,
    }),
  ],
  units: [],
  processes: [],
  models: [],
  tokens_per_min: null,
});
const WIDE_LETTERS = look({
  units: [unit("go_chi_task/task26/features_1_2", { doing: "日本語のファイルを読む 👩‍👩‍👧 …" })],
});
const HOSTILE = look({
  units: [
    unit("go_chi_task/task26/features_1_2", { doing: "agent1: \x1b[2J\x1b[1;1Hrm\r\n-rf\u202e" }),
  ],
  models: [{ model: "a/\x1b[31mm\nn", in_flight: 1, limit: 2, retries: 0, last_rate_limit_at: AT }],
});
const EMPTY = look({ arms: [], units: [], processes: [], models: [], tokens_per_min: null });
const UNKNOWN = look({
  arms: [arm({ total: null, forecast_usd: null, eta_ms: null, unpriced: 2 })],
});

const ARM_HEAD = "run        progress          done  passed  now  faults    cost  forecast    ETA";
const ARM_LINE = "coop-mini  #####=·······  312/652     120   14       0  $41.20    $86.10  2h14m";

describe("a board", () => {
  const cases: [
    title: string,
    status: Status,
    size: [columns: number, rows: number],
    lines: string[],
  ][] = [
    [
      "has room for everything on a wide terminal",
      TWO_ARMS,
      [130, 24],
      [
        "1 under way · 182k tokens/min · 12/32 calls · 1 process",
        "run        setting  agent  progress                     done  merged  eval  passed  now  faults  waiting    cost  forecast    ETA",
        "coop-mini  coop     mini   ###########·············  312/652     310   300     120   14       0           $41.20    $86.10  2h14m",
        "solo       solo     mini   ###########·············  312/652     310   300     120    0       3        3  $41.20    $86.10  2h14m",
        "run        pair                             step  doing                  steps    age   cost",
        "coop-mini  go_chi_task/task26/features_1_2  run   agent1: go test ./...   12+9  3m12s  $0.41",
      ],
    ],
    [
      "leaves out what matters least in 80 columns, and shortens keys",
      TWO_ARMS,
      [80, 24],
      [
        "1 under way · 182k tokens/min · 12/32 calls · 1 process",
        ARM_HEAD,
        ARM_LINE,
        "solo       #####=·······  312/652     120    0       3  $41.20    $86.10  2h14m",
        "run        pair              step  doing                  steps    age   cost",
        "coop-mini  go_chi/26/1_2     run   agent1: go test ./...   12+9  3m12s  $0.41",
      ],
    ],
    [
      "says the most important in 40 columns",
      TWO_ARMS,
      [40, 24],
      [
        "1 under way · 182k tokens/min",
        "run           done  faults    cost",
        "coop-mini  312/652       0  $41.20",
        "solo       312/652       3  $41.20",
        "pair              doing           steps",
        "go_chi/26/1_2     agent1: go te…   12+9",
      ],
    ],
    [
      "of a run that has just begun knows no forecast",
      NOTHING,
      [80, 24],
      [
        "nothing under way",
        "run        progress       done  eval  passed  now  faults   cost  forecast  ETA",
        "coop-mini  ············  0/652     0       0    0       0  $0.00         ?    ?",
      ],
    ],
    [
      "of a run that is done says so",
      ALL_DONE,
      [80, 24],
      [
        "nothing under way",
        "run        progress           done  passed  now  faults    cost  forecast   ETA",
        "coop-mini  ##############  652/652     300    0       0  $86.10    $86.10  done",
      ],
    ],
    [
      "cuts wide letters where they end",
      WIDE_LETTERS,
      [40, 24],
      [
        "1 under way · 182k tokens/min",
        "run           done  faults    cost",
        "coop-mini  312/652       0  $41.20",
        "pair              doing          steps",
        "go_chi/26/1_2     日本語のファ…   12+9",
      ],
    ],
    [
      "is not drawn over by what a model wrote",
      HOSTILE,
      [80, 24],
      [
        "1 under way · 182k tokens/min · 1/2 calls · limited 0s ago · 1 process",
        ARM_HEAD,
        ARM_LINE,
        "pair                             step  doing                steps    age   cost",
        "go_chi_task/task26/features_1_2  run   agent1: rm -rf⟨U+2…   12+9  3m12s  $0.41",
      ],
    ],
    [
      "without a plan has counts, and no bar",
      UNKNOWN,
      [80, 24],
      [
        "1 under way · 182k tokens/min · 12/32 calls · 1 process",
        "run        setting  agent  done  merged  eval  passed  now  faults     cost",
        "coop-mini  coop     mini    312     310   300     120   14       0  ≥$41.20",
        "pair                             step  doing                steps    age   cost",
        "go_chi_task/task26/features_1_2  run   agent1: go test ./…   12+9  3m12s  $0.41",
      ],
    ],
    ["of nothing at all is one line", EMPTY, [80, 24], ["nothing under way"]],
    [
      "sums up the pairs that find no room",
      look({ units: MANY }),
      [40, 8],
      [
        "30 under way · 182k tokens/min",
        "coop-mini  312/652  0  $41.20  2h14m",
        "…_datasets/7309/1_2  agent1: go …  12+9",
        "…_datasets/7309/2_3  agent1: go …  12+9",
        "…_datasets/7309/3_4  agent1: go …  12+9",
        "…_datasets/7309/4_5  agent1: go …  12+9",
        "… and 26 more",
      ],
    ],
  ];
  test.each(cases)("%s", (_, status, [columns, rows], lines) => {
    expect(renderBoard(status, { columns, rows })).toEqual(lines);
  });

  const ARMS = Array.from({ length: 20 }, (_, index) => arm({ run: `arm${index}`, active: index }));
  const looks: [title: string, status: Status][] = [
    ["two runs", TWO_ARMS],
    ["many pairs", look({ units: MANY })],
    ["many runs and pairs", look({ arms: ARMS, units: MANY })],
    ["wide letters", WIDE_LETTERS],
    ["control characters", HOSTILE],
    ["nothing", EMPTY],
  ];
  test.each(looks)("of %s fits every terminal", (_, status) => {
    const widths = [...Array(60).keys(), 79, 80, 119, 120, 149];
    for (const columns of widths.map((width) => width + 1))
      for (const rows of [1, 2, 3, 5, 9, 10, 11, 24, 100]) {
        const lines = renderBoard(status, { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        const widest = Math.max(...lines.map((line) => Bun.stringWidth(line)));
        expect(widest).toBeLessThanOrEqual(Math.max(1, columns - 1));
        expect(lines.join("")).not.toMatch(/\p{Cc}/u);
      }
  });

  test("of many runs shows those first where something happens", () => {
    const lines = renderBoard(look({ arms: ARMS, units: MANY }), { columns: 80, rows: 13 });
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "30",
      "run",
      "arm1",
      "arm2",
      "arm3",
      "…",
      "run",
      "coop-mi…",
      "coop-mi…",
      "coop-mi…",
      "coop-mi…",
      "…",
    ]);
  });

  test("is the same in colours, where they are wanted", () => {
    const size = { columns: 80, rows: 24 };
    const coloured = renderBoard(TWO_ARMS, { ...size, color: true });
    expect(coloured.map((line) => Bun.stripANSI(line).trimEnd())).toEqual(
      renderBoard(TWO_ARMS, size),
    );
    expect(coloured.join("")).toContain("\x1b[31m     3\x1b[39m");
  });
});

describe("the heading", () => {
  const load = { in_flight: 1, limit: 4, retries: 0, last_rate_limit_at: null };
  const limited = { ...load, last_rate_limit_at: "2026-01-02T03:03:45.000Z" };
  const cases: [title: string, fields: Partial<Status>, width: number, expected: string][] = [
    [
      "names models where there are several",
      {
        models: [
          { ...load, model: "a/one" },
          { ...limited, model: "b/two" },
        ],
      },
      120,
      "1 under way · 182k tokens/min · one 1/4 calls · two 1/4 calls · two limited 20s ago · 1 process",
    ],
    [
      "keeps a rate limit longer than other words",
      { models: [{ ...limited, model: "a/one" }] },
      40,
      "1 under way · limited 20s ago",
    ],
    [
      "forgets a rate limit of long ago",
      { models: [{ ...load, model: "a/one", last_rate_limit_at: "2026-01-02T02:00:00.000Z" }] },
      80,
      "1 under way · 182k tokens/min · 1/4 calls · 1 process",
    ],
    [
      "tells processes that end and that are gone",
      {
        processes: [
          oneProcess(),
          oneProcess({ state: "draining" }),
          oneProcess({ presence: "gone" }),
          oneProcess({ presence: "silent" }),
        ],
        models: [],
      },
      80,
      "1 under way · 182k tokens/min · 2 processes · 1 draining · 2 gone",
    ],
  ];
  test.each(cases)("%s", (_, fields, width, expected) => {
    expect(heading(look(fields), { width, color: false })).toBe(expected);
  });
});

test("one look has runs, pairs and processes, however many", () => {
  const gone = oneProcess({ pid: 7, presence: "gone", command: "eval", units: 0 });
  const lines = renderLook(look({ units: MANY, processes: [oneProcess(), gone] }), {
    width: 160,
  }).split("\n");
  expect(lines).toHaveLength(1 + 3 + 32 + 4 + 1);
  expect(lines.slice(-4, -1)).toEqual([
    "process  command   host  state    units  at most    age  last seen  tokens",
    "   4242  pipeline  host  running     14       20  1h00m     1s ago    1.2M",
    "      7  eval      host  gone         0       20  1h00m     1s ago    1.2M",
  ]);
});
