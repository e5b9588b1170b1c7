import { describe, expect, test } from "bun:test";
import { writeCell } from "./cell.ts";
import type { Kind } from "./columns.ts";
import type { ReportCell, ReportLine } from "./line.ts";
import { type Part, tableOf } from "./part.ts";
import { loadPart } from "./parts/registry.ts";
import { querySheet, sheetOf } from "./sheet.ts";

describe("a cell", () => {
  const cases: [value: ReportCell | undefined, kind: Kind, text: string][] = [
    [2 / 3, "rate", "0.667"],
    [1, "rate", "1.000"],
    [0.0004, "p", "<.001"],
    [0.0005, "p", "0.001"],
    [1, "p", "1.000"],
    [0.1, "signed", "+0.100"],
    [-0.1, "signed", "−0.100"],
    [0, "signed", "+0.000"],
    [0.0123, "usd", "0.0123"],
    [12.3, "usd", "12.30"],
    [0, "usd", "0.00"],
    [1234567, "count", "1234567"],
    [2.5, "count", "2.5"],
    [0.25, "number", "0.250"],
    [12.34, "number", "12.3"],
    [12345.6, "number", "12346"],
    [true, "flag", "yes"],
    [null, "flag", "n/a"],
    [null, "rate", "n/a"],
    [undefined, "count", "n/a"],
    [null, "text", ""],
  ];
  test.each(cases)("%p as %s is %s", (value, kind, text) => {
    expect(writeCell(value, kind)).toBe(text);
  });
});

const runs = await loadPart("runs");
const comparisons = await loadPart("comparisons");
const shown = (rows: ReportLine[], part: Part = runs) => {
  const { columns, rows: texts, notes } = sheetOf(tableOf(part, rows));
  const cells = texts.map((row) => row.map((text, at) => [columns[at]?.name ?? "", text]));
  return { rows: cells.map((row) => Object.fromEntries(row)), notes: notes.slice(1) };
};

describe("a table", () => {
  test("has bounds in one cell: with signs beside a difference, without beside a rate", () => {
    const bounds = { by_task_low: 0.25, by_task_high: 0.75, by_task_reason: null };
    const { rows } = shown([{ run: "a", ...bounds, wilson_low: 0.1, wilson_high: 0.9 }]);
    expect(rows).toEqual([{ run: "a", by_task: "[0.250, 0.750]", wilson: "[0.100, 0.900]" }]);
    const difference = { run_a: "a", difference: 0.5, ...bounds, by_task_low: -0.25 };
    expect(shown([difference], comparisons).rows[0]).toMatchObject({ by_task: "[−0.250, +0.750]" });
  });

  test("says why something is not known, once a column", () => {
    const none = { by_task_low: null, by_task_high: null, by_task_reason: "one cluster" };
    const { rows, notes } = shown([
      { run: "a", pass_rate: null, ...none },
      { run: "b", pass_rate: 1, ...none, by_task_reason: "no spread" },
    ]);
    expect(rows[0]).toEqual({ run: "a", pass_rate: "n/a", by_task: "n/a" });
    expect(notes).toEqual([
      "n/a: pass_rate (nothing is scored); by_task (one task or repository alone shows no error; all alike, and a width of 0 would claim certainty).",
    ]);
  });

  const bounds = { rate_if_faults_fail: 0.25, rate_if_faults_pass: 0.5 };
  const quiet: [row: ReportLine, shown: Record<string, string>][] = [
    [{ run: "a", pending: 0, faults: 0, ...bounds }, { run: "a" }],
    [
      { run: "a", pending: 1, faults: 1, ...bounds },
      { run: "a", pending: "1", faults: "1", if_faults: "[0.250, 0.500]" },
    ],
    [{ run: "a", model: null, gold_ceiling: null }, { run: "a" }],
    [
      { run: "a", conflicts: 0 },
      { run: "a", conflicts: "0" },
    ],
    [
      { run: "a", max_steps_per_agent: 50, max_steps_per_attempt: 100 },
      { run: "a", step_limit: "2×50" },
    ],
  ];
  test.each(quiet)("of %j shows what matters", (row, expected) => {
    expect(shown([row]).rows).toEqual([expected]);
  });

  test("has its columns in the report's order, whatever the rows' is", () => {
    expect(Object.keys(shown([{ pass_rate: 1, passed: 1, run: "a" }]).rows[0] ?? {})).toEqual([
      "run",
      "passed",
      "pass_rate",
    ]);
  });
});

test("an answer to a query is shown whole and in its own order", () => {
  const rows = [{ pass_rate: 0.123456789, run: null, n: 12345678901, faults: 0, by_task_low: 1 }];
  const { columns, rows: texts } = querySheet({
    name: "q",
    title: "?",
    labels: [],
    notes: [],
    rows,
  });
  expect(columns.map(({ name }) => name)).toEqual(Object.keys(rows[0] ?? {}));
  expect(texts).toEqual([["0.123457", "", "12345678901", "0", "1"]]);
});
