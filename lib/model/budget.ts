// Owns a run's dollars: what its calls have cost, and the refusal to spend more than was allowed.

import { Fault } from "../core/fault.ts";
import { shortUsdText, usdText } from "../core/money.ts";
import { plural } from "../core/text.ts";

export type Budget = {
  /** US dollars, with what the run had cost before. */
  readonly spent_usd: number;
  readonly unknown_price_calls: number;
  /** Throws Fault `budget_reached` when nothing is left, or when what is left cannot be known. */
  readonly admit: () => void;
  /** What has been spent is known anew, from all who spend. */
  readonly rebase: (spent: Spending) => void;
  /** US dollars that may be spent; null: no limit. */
  readonly limit_usd: number | null;
  /** Counts one call; null is a price that is not known. */
  readonly add: (cost_usd: number | null) => void;
  /** Counts calls that were cut off: nobody knows what they cost. */
  readonly lose: (calls: number) => void;
};

/** What calls cost until now: known US dollars, calls at a price nobody knows, and calls that were cut off. */
export type Spending = {
  readonly usd: number;
  readonly unpriced: number;
  readonly cut_off: number;
  /** The dearest call that is known, US dollars: what a call that was cut off is reckoned at. */
  readonly dearest_usd: number;
};
const NOTHING_SPENT: Spending = { usd: 0, unpriced: 0, cut_off: 0, dearest_usd: 0 };

/**
 * The money of one run, in US dollars; a null budget is none. Calls under way when the budget is reached are finished
 * and paid, so it may be passed by as much as they cost. A call that was cut off counts as much as the dearest one known.
 */
export function openBudget(options: {
  readonly budget_usd: number | null;
  readonly spent: Partial<Spending>;
}): Budget {
  const { budget_usd } = options;
  let spent: Spending = { ...NOTHING_SPENT, ...options.spent };
  return {
    get spent_usd() {
      return spent.usd;
    },
    get unknown_price_calls() {
      return spent.unpriced;
    },
    admit() {
      if (budget_usd === null) return;
      if (spent.unpriced > 0) throw unknowable(spent.unpriced);
      if (reckoned(spent) >= budget_usd) throw reached(spent, budget_usd);
    },
    limit_usd: budget_usd,
    rebase(known) {
      spent = { ...known, dearest_usd: Math.max(known.dearest_usd, spent.dearest_usd) };
    },
    add(cost_usd) {
      const { usd, unpriced, dearest_usd } = spent;
      if (cost_usd === null) spent = { ...spent, unpriced: unpriced + 1 };
      else spent = { ...spent, usd: usd + cost_usd, dearest_usd: Math.max(dearest_usd, cost_usd) };
    },
    lose(calls) {
      spent = { ...spent, cut_off: spent.cut_off + calls };
    },
  };
}

function reckoned({ usd, cut_off, dearest_usd }: Spending): number {
  return usd + cut_off * dearest_usd;
}

function reached(spent: Spending, budget_usd: number): Fault {
  const { usd, cut_off, dearest_usd } = spent;
  const lost =
    cut_off === 0
      ? ""
      : `, with ${cut_off} calls that were cut off, each counted at the highest known cost (${usdText(dearest_usd)}),`;
  const message = `the run has cost ${cut_off > 0 ? "≥" : ""}${shortUsdText(usd)}${lost} of its budget of ${shortUsdText(budget_usd)}`;
  return new Fault("budget_reached", message, {
    hint: "raise --budget (a study: budget.usd) and run the same command again: finished pairs are kept and not repeated",
  });
}

function unknowable(calls: number): Fault {
  const what = `the cost of ${plural(calls, "call")} is`;
  return new Fault("budget_reached", `${what} unknown, so --budget cannot be kept`, {
    hint: "name the model's price in a price file, or omit --budget",
  });
}
