// Owns a part that is not Tandem's: what a newcomer writes to add one, of which a test finds every place that shows it.
import { ratesChart } from "../chart.ts";
import { count, interval, RUN, rate } from "../columns.ts";
import type { Part } from "../part.ts";

/** How many attempts of a run have an even number of steps. */
export const part: Part = {
  name: "even_steps",
  label: "Attempts with an even number of steps",
  summary: "Zero is even.",
  empty: "no attempt says how many steps it took",
  by: ["run"],
  columns: {
    ...RUN,
    even_attempts: count("attempts with an even number of model calls"),
    even_share: rate("even_attempts / attempts of the run"),
    ...interval("even", "a range around even_share"),
  },
  source: [{ file: "lib/report/parts/added.fixture.ts", names: ["part"] }],
  rows: ({ groups }) =>
    groups().map(({ labels, rows }) => {
      const even_attempts = rows.filter(({ steps }) => steps !== null && steps % 2 === 0).length;
      const even_share = even_attempts / rows.length;
      const run = labels.run ?? null;
      return { run, even_attempts, even_share, even_low: even_share / 2, even_high: 1 };
    }),
  chapter: "Effort",
  legend: "Line: a range that is made up.",
  chart: (rows, who) =>
    ratesChart(rows, {
      who,
      label: ({ run }) => String(run),
      rate: "even_share",
      interval: "even",
    }),
};
