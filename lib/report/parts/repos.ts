// Owns the part `repos`: how often each run passes in each repository.
import { placesChart } from "../chart.ts";
import { BESIDE_PASSES, BY_TASK, PASSES, REPO, RUN, SETTING, WILSON } from "../columns.ts";
import { withIntervals } from "../intervals.ts";
import type { Part } from "../part.ts";
import { repoLines, shortRepo } from "../report.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "repos",
  label: "By repository",
  by: ["run", "repo"],
  columns: {
    ...RUN,
    ...REPO,
    ...SETTING,
    ...PASSES,
    ...BY_TASK,
    ...WILSON,
    ...BESIDE_PASSES,
  },
  source: [SOURCES.outcomes, SOURCES.rate, SOURCES.clustered, SOURCES.ceiling],
  rows: async ({ rows, gold, tries }) => withIntervals(repoLines(rows, gold()), await tries()),
  chapter: "Tasks",
  legend:
    "One panel per run, one row per repository. Dot: pass rate, with its 95 % Wilson interval. Cross: share of naive merges that conflict.",
  chart: (rows, who) => placesChart(rows, { who, place: ({ repo }) => shortRepo(repo) }),
};
