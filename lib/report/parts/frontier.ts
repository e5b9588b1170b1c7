// Owns the part `frontier`: cost against success, and the runs that no other one beats in both.
import { frontierChart } from "../chart-frontier.ts";
import {
  ATTEMPTS,
  count,
  flag,
  interval,
  number,
  RUN,
  rate,
  SETTING,
  text,
  usd,
  WILSON,
} from "../columns.ts";
import { frontierLines } from "../measures/frontier.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

const NONE_KNOWN = { missing: "no amount is known, or all attempts used the same" };

export const part: Part = {
  name: "frontier",
  label: "Cost against success",
  summary:
    "A run is on the frontier if no run on the same pairs passed at least as many for at most as much, and one of both better. That is of the numbers as they are: where intervals overlap, neighbours may have changed places by chance.",
  empty: "no run is of a model",
  by: ["run"],
  columns: {
    ...RUN,
    ...SETTING,
    agent: text("name of the agent"),
    model: text("name of the model"),
    ...ATTEMPTS,
    spending: text(
      "`paid`; `free` where every attempt is known to have cost nothing; `unknown`, or `unknown in part`, where costs are not known",
    ),
    mean_usd: usd(
      "US dollars per attempt, all agents together, over attempts whose cost is known",
      {
        missing: "no cost is known",
      },
    ),
    ...interval("mean_usd", "95 % t interval of mean_usd, attempts taken as independent", {
      kind: "usd",
      ...NONE_KNOWN,
    }),
    usd_unknown: count("attempts whose cost is not known", { hidden_if_zero: true }),
    mean_tokens: number("tokens of all kinds per attempt, over attempts whose tokens are known"),
    ...interval("mean_tokens", "95 % t interval of mean_tokens, attempts taken as independent", {
      kind: "number",
      ...NONE_KNOWN,
    }),
    tokens_unknown: count("attempts whose tokens are not known", { hidden_if_zero: true }),
    passed: count("attempts that passed"),
    scored: count("attempts that are scored"),
    pass_rate: rate("passed / scored", { missing: "nothing is scored" }),
    ...WILSON,
    measure: text(
      "what the frontier is measured by: `usd` where any run is paid for, else `tokens`",
    ),
    same_pairs: flag("whether the run is among those that attempted the same pairs"),
    frontier: flag(
      "whether no other run on the same pairs beats it; unknown on other pairs, and where cost or rate is",
    ),
  },
  source: [
    SOURCES.measures,
    { file: "lib/report/measures/frontier.ts", names: ["frontierLines"] },
    SOURCES.rate,
  ],
  rows: frontierLines,
  chapter: "Effort",
  legend:
    "Mean per attempt, all agents together, against the pass rate, each with its 95 % interval. Dashed: the frontier, of runs on the same pairs; a hollow point is a run on other pairs.",
  chart: frontierChart,
};
