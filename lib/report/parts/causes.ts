// Owns the part `causes`: where failures began.
import { type Pieces, sharesChart } from "../chart.ts";
import { count, RUN, rate, SETTING, text } from "../columns.ts";
import type { Part } from "../part.ts";
import { causeLines } from "../report.ts";
import { SOURCES } from "../source.ts";

const PIECES: Pieces = {
  "own feature broken": ["own", "own feature broken before the merge"],
  "patch lost": ["lost"],
  conflict: ["conflict"],
  "broken by merging": ["broken", "clean merge, but broken by it"],
};

export const part: Part = {
  name: "causes",
  label: "Where failures began",
  empty: "no attempt failed",
  by: ["run", "cause"],
  columns: {
    ...RUN,
    cause: text("where the failure began"),
    ...SETTING,
    pairs: count("attempts counted, one per pair and try"),
    share: rate("share of the failures of the run"),
  },
  source: [SOURCES.outcomes, SOURCES.report, SOURCES.causes],
  rows: ({ groups }) => causeLines(groups()),
  chapter: "Results",
  chart: (rows) => sharesChart(rows, { column: "cause", pieces: PIECES }),
};
