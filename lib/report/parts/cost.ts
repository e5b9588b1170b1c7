// Owns the part `cost`: what agents and attempts cost, in money, tokens and time.
import { RUN, SETTING, SPREAD, TOTAL, text } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { costLines } from "../measures/cost.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "cost",
  label: "Cost and time of agents and attempts",
  summary: "Quartiles, mean and total; summaries made by compaction are in all of them.",
  by: ["run", "unit", "measure"],
  columns: {
    ...RUN,
    unit: text("`agent`: one agent of one attempt; `attempt`: its agents together"),
    measure: text("what is summed up"),
    ...SETTING,
    measured_in: text("unit of the measure"),
    prices: text("the price tables that costs were made by"),
    ...SPREAD,
    ...TOTAL,
  },
  source: [SOURCES.measures, SOURCES.spread],
  chapter: "Effort",
  rows: (context) => costLines(context.ledger, scopeOf(context)),
};
