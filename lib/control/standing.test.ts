import { expect, test } from "bun:test";
import type { ControlRow } from "../../db/schema.ts";
import { standing } from "./standing.ts";

const STUDIES = new Map([
  ["s-a", "s"],
  ["s-b", "s"],
]);
const KEY = "s-a/t_task/task1/features_1_2";

/** `study s pause`, `run s-a cancel`, `run s-a cancel KEY`, `study s concurrency 3`. */
function row(text: string, index: number): ControlRow {
  const [scope = "", name = "", verb = "", more] = text.split(" ");
  return {
    ...{ id: index + 1, at: "2026-01-01T00:00:00.000Z", asked_by: "me", name },
    scope: scope as ControlRow["scope"],
    verb: verb as ControlRow["verb"],
    unit: more === "KEY" ? KEY : null,
    concurrency: verb === "concurrency" ? Number(more) : null,
    ...{ applied_at: null, applied_by: null },
  };
}

const CASES: [asked: string[], holds: string][] = [
  [[], ""],
  [["study s pause"], "a paused, b paused"],
  [["study s pause", "study s resume"], ""],
  [["study s pause", "run s-a resume"], "b paused"],
  [["run s-a pause"], "a paused"],
  [["run s-a pause", "study s resume"], ""],
  [["run s-a pause", "study s resume", "run s-a pause"], "a paused"],
  [["study other pause", "run s pause"], ""],
  [["run s-a cancel"], "a cancelled, unit"],
  [["run s-a cancel", "study s resume"], "a cancelled, unit"],
  [["run s-a cancel", "run s-a resume"], ""],
  [["run s-a cancel", "run s-a resume KEY"], "a cancelled"],
  [["run s-a resume KEY", "run s-a cancel"], "a cancelled, unit"],
  [["run s-a cancel KEY"], "unit"],
  [["run s-a cancel KEY", "run s-a resume", "study s resume"], "unit"],
  [["run s-a cancel KEY", "run s-a resume KEY"], ""],
  [["run s-a cancel KEY", "run s-a cancel", "run s-a resume"], "unit"],
  [["study s concurrency 3"], "3 at a time"],
  [
    ["study s concurrency 3", "study s pause", "run s-a concurrency 5"],
    "a paused, b paused, 5 at a time",
  ],
  [["run s-a concurrency 5", "study s concurrency 3"], "3 at a time"],
];

test.each(CASES)("after %j holds: %s", (asked, holds) => {
  const found = standing(asked.map(row), STUDIES);
  const width = found.concurrency(new Set(["s-a"]))?.concurrency;
  const told = [
    ...["a", "b"].filter((run) => found.paused(`s-${run}`)).map((run) => `${run} paused`),
    ...["a", "b"].filter((run) => found.cancelledRun(`s-${run}`)).map((run) => `${run} cancelled`),
    ...(found.cancelled("s-a", KEY) ? ["unit"] : []),
    ...(width === undefined ? [] : [`${width} at a time`]),
  ];
  expect(told.join(", ")).toBe(holds);
});
