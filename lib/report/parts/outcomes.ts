// Owns the part `outcomes`: how attempts ended.
import { type Pieces, sharesChart } from "../chart.ts";
import { count, RUN, rate, SETTING, text } from "../columns.ts";
import type { Part } from "../part.ts";
import { outcomeLines } from "../report.ts";
import { SOURCES } from "../source.ts";

const PIECES: Pieces = {
  passed: ["pass"],
  conflict: ["conflict"],
  failed: ["failed", "tests failed"],
  "empty patch": ["empty"],
  "patch too large": ["too-large"],
  "patch does not apply": ["apply"],
  "limit reached": ["limit"],
  refused: ["refused", "refused by the model's provider"],
  "tests timed out": ["timeout"],
  "no tests ran": ["no-tests"],
};

export const part: Part = {
  name: "outcomes",
  label: "Outcomes",
  empty: "no attempt is scored",
  by: ["run", "outcome"],
  columns: {
    ...RUN,
    outcome: text("what the experiment found"),
    ...SETTING,
    pairs: count("attempts counted, one per pair and try"),
    share: rate("share of the attempts of the run"),
  },
  source: [SOURCES.outcomes, SOURCES.report, SOURCES.causes],
  rows: ({ groups }) => outcomeLines(groups()),
  chapter: "Results",
  chart: (rows) => sharesChart(rows, { column: "outcome", pieces: PIECES }),
};
