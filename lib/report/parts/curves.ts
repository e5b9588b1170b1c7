// Owns the part `curves`: the pass rate over difficulty, in ten equal buckets.
import { curvesChart } from "../chart.ts";
import { count, interval, number, rate, SETTING, text } from "../columns.ts";
import { contextCurves, curveLines, NO_CURVE, SOURCE_OF_CURVES } from "../difficulty.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "curves",
  label: "Pass rate over difficulty, ten equal buckets",
  summary:
    "In the plain version, difficulty comes from the same solo runs that are measured: that is circular, and bends solo's curve down.",
  empty: NO_CURVE,
  by: ["source", "version", "model", "setting", "difficulty"],
  columns: {
    ...SOURCE_OF_CURVES,
    model: text("name of the model with its agent, `all` for all together"),
    ...SETTING,
    difficulty: number("middle of the bucket: 0 easiest, 1 hardest"),
    bucket: count("0 easiest … 9 hardest"),
    passed: count("tries in the bucket that passed"),
    tries: count("scored tries in the bucket, over pairs and models"),
    rate: rate("passed / tries"),
    ...interval("wilson", "Wilson's 95 % interval of the rate"),
  },
  source: [SOURCES.outcomes, SOURCES.retention, SOURCES.published],
  async rows(context) {
    const { curves, notes } = contextCurves(context);
    return { rows: curveLines(curves), notes };
  },
  chapter: "Difficulty",
  legend: "All models together, in the plain version. Bands: 95 % Wilson intervals.",
  chart: curvesChart,
  chart_by: "source",
};
