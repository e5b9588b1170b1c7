// Owns the part `tasks`: how often each run passes in each task.
import { placesChart } from "../chart.ts";
import { BESIDE_PASSES, PASSES, REPO, RUN, SETTING, TASK, WILSON } from "../columns.ts";
import type { Part } from "../part.ts";
import { shortRepo, taskLines } from "../report.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "tasks",
  label: "By task",
  by: ["run", "repo", "task"],
  columns: {
    ...RUN,
    ...REPO,
    ...TASK,
    ...SETTING,
    ...PASSES,
    ...WILSON,
    ...BESIDE_PASSES,
  },
  source: [SOURCES.outcomes, SOURCES.rate, SOURCES.ceiling],
  rows: ({ rows, gold }) => taskLines(rows, gold()),
  chapter: "Tasks",
  legend:
    "One panel per run, one row per task. Dot: pass rate, with its 95 % Wilson interval. Cross: share of naive merges that conflict.",
  chart: (rows, who) =>
    placesChart(rows, { who, place: ({ repo, task }) => `${shortRepo(repo)} ${task}` }),
};
