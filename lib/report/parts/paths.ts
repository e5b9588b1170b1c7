// Owns the part `paths`: how passes came to the tested tree.
import { type Pieces, sharesChart } from "../chart.ts";
import { count, RUN, rate, SETTING, text } from "../columns.ts";
import type { Part } from "../part.ts";
import { pathLines } from "../report.ts";
import { SOURCES } from "../source.ts";

const PIECES: Pieces = {
  clean: ["clean", "merged cleanly"],
  solo: ["solo", "one agent's patch (solo)"],
  identical: ["identical", "identical patches"],
  union: ["union", "union merge"],
  "one patch": ["one-patch", "one patch alone"],
};

export const part: Part = {
  name: "paths",
  label: "How the passes came about",
  empty: "no attempt passed",
  by: ["run", "path"],
  columns: {
    ...RUN,
    path: text("how the tested tree came about"),
    ...SETTING,
    pairs: count("attempts counted, one per pair and try"),
    share: rate("share of the passes of the run"),
  },
  source: [SOURCES.outcomes, SOURCES.report, SOURCES.causes],
  rows: ({ groups }) => pathLines(groups()),
  chapter: "Merging",
  chart: (rows) => sharesChart(rows, { column: "path", pieces: PIECES }),
};
