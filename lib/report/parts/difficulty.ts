// Owns the part `difficulty`: the area under the pass rate over difficulty, and what coop retains of it.
import { count, flag, rate, text } from "../columns.ts";
import { contextCurves, difficultyLines, NO_CURVE, SOURCE_OF_CURVES } from "../difficulty.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

const FEW_BUCKETS = { missing: "fewer than two buckets of difficulty" };

export const part: Part = {
  name: "difficulty",
  label: "Area under the pass rate over difficulty, and what coop retains of it",
  summary:
    "plain is circular: difficulty comes from the solo runs that are measured. leave-one-out takes each model's difficulty from the others alone. The area is over bucket midpoints, so .9 is the most.",
  empty: NO_CURVE,
  by: ["source", "version", "model"],
  columns: {
    ...SOURCE_OF_CURVES,
    model: text("name of the model with its agent, `all` for all together"),
    circular: flag("whether difficulty comes from the very runs that are measured"),
    pairs: count("pairs that are scored in both settings"),
    dropped: count("pairs that are not scored solo by every model"),
    auc_solo: rate("area under solo's rate over difficulty (at most .9)", FEW_BUCKETS),
    auc_coop: rate("area under coop's rate over difficulty (at most .9)", FEW_BUCKETS),
    retention: rate("auc_coop / auc_solo", { missing: "solo's area is unknown or 0" }),
  },
  source: [SOURCES.outcomes, SOURCES.retention, SOURCES.published],
  async rows(context) {
    const { curves, notes } = contextCurves(context);
    return { rows: difficultyLines(curves), notes };
  },
  chapter: "Difficulty",
};
