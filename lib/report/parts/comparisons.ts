// Owns the part `comparisons`: every two runs side by side, on the pairs that both have scored.

import { count, interval, pValue, rate, signed, text } from "../columns.ts";
import { armsOf, comparisonLines, couplesOf } from "../compare.ts";
import { acrossEditions } from "../editions.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

const NO_INTERVAL = { missing: "where by_task has none" };

export const part: Part = {
  name: "comparisons",
  label: "Runs side by side, on the pairs that both have scored",
  summary:
    "difference is rate_a minus rate_b. by_task is the clustered t interval, bootstrap draws whole tasks; sign_flip_p turns whole tasks' signs, holm_p is corrected over the comparisons of this table; by_repo is the check with repositories in place of tasks; McNemar treats pairs as independent.",
  empty: "no two runs have scored the same pair",
  by: ["run_a", "run_b"],
  columns: {
    run_a: text("the first run of the comparison"),
    run_b: text("the second run of the comparison"),
    comparison: text(
      "`coordination gap` for solo minus coop of one agent and model, else `difference`",
    ),
    pairs: count("pairs that both runs have scored"),
    dropped: count("pairs of either run that are not compared"),
    only_a: count("dropped pairs that only the first run has scored"),
    only_b: count("dropped pairs that only the second run has scored"),
    rate_a: rate("pass rate of the first run on the common pairs"),
    rate_b: rate("pass rate of the second run on the common pairs"),
    difference: signed("rate_a − rate_b"),
    ...interval("by_task", "95 % t interval of the difference, error clustered by task", {
      kind: "signed",
      reasons: true,
    }),
    ...interval(
      "bootstrap",
      "95 % percentile interval of the difference, whole tasks drawn, both arms together",
      { kind: "signed", ...NO_INTERVAL },
    ),
    ...interval(
      "by_repo",
      "95 % t interval of the difference, error clustered by repository, as a check",
      { kind: "signed", reasons: true },
    ),
    sign_flip_p: pValue("permutation test by task, two-sided"),
    holm_p: pValue("sign_flip_p corrected over all comparisons of the table"),
    smallest_p: pValue("the smallest sign_flip_p that is possible with these tasks"),
    by_repo_p: pValue("permutation test by repository, two-sided"),
    mcnemar_b: count("pairs better in the first run"),
    mcnemar_c: count("pairs better in the second run"),
    mcnemar_p: pValue("exact McNemar test"),
    verdict: text("of the equivalence test: two one-sided tests, by task"),
    margin: rate("the difference that counts as none (`--margin`)"),
    smallest_margin: rate("the margin from which on equivalence would be shown", NO_INTERVAL),
    ...interval("equivalence", "90 % interval of the difference that must lie within ±margin", {
      kind: "signed",
      ...NO_INTERVAL,
    }),
  },
  source: [
    SOURCES.outcomes,
    { file: "lib/report/stats/compare.ts", names: ["compareArms"] },
    { file: "lib/report/stats/holm.ts", names: ["holm"] },
  ],
  async rows({ ledger, rows, margin, across_editions: across = false, signal }) {
    const found = couplesOf(armsOf(rows));
    const couples = found.map(({ a, b }) => [a.run, b.run] as const);
    const notes = acrossEditions(ledger, { rows, couples, across });
    return { rows: await comparisonLines(found, { margin, signal }), notes };
  },
};
