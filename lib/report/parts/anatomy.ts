// Owns the part `anatomy`: how large conflicts are.
import { RUN, SPREAD, TOTAL, text } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { anatomyLines } from "../measures/conflicts.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "anatomy",
  label: "How large conflicts are",
  summary: "score = 20 sections + 2 lines; lines are those between the markers.",
  empty: "no naive merge conflicts",
  by: ["run", "measure"],
  columns: {
    ...RUN,
    measure: text("what is summed up over the run's conflicts"),
    ...SPREAD,
    ...TOTAL,
  },
  source: [SOURCES.measures, SOURCES.anatomy, SOURCES.spread],
  rows: (context) => anatomyLines(context.ledger, scopeOf(context)),
};
