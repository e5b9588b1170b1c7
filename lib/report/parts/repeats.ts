// Owns the part `repeats`: what several tries of a pair say.
import { count, RUN, rate, SETTING } from "../columns.ts";
import { repeatLines } from "../intervals.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "repeats",
  label: "Several tries: one of k passes, all of k pass",
  summary: "Means over the pairs with k scored tries.",
  empty: "no pair has two scored tries",
  by: ["run", "k"],
  columns: {
    ...RUN,
    k: count("tries of which one, or all, must pass"),
    ...SETTING,
    pairs: count("pairs with k scored tries"),
    left_out: count("pairs with fewer than k scored tries"),
    pass_at_k: rate("chance that one of k tries passes"),
    pass_hat_k: rate("chance that all of k tries pass"),
  },
  source: [SOURCES.outcomes, { file: "lib/report/stats/repeats.ts", names: ["repeatsOf"] }],
  rows: async ({ groups, tries }) => repeatLines(groups(), await tries()),
};
