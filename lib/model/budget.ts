// Owns a run's dollars: what its calls have cost, and the refusal to spend more than was allowed.
import { Fault } from "../fault.ts";

export type Budget = {
  /** US dollars, with what the run had cost before. */
  readonly spent_usd: number;
  readonly unknown_price_calls: number;
  /** Throws Fault `budget_reached` when nothing is left, or when what is left cannot be known. */
  readonly admit: () => void;
  /** What has been spent is known anew, from all who spend. */
  readonly rebase: (spent_usd: number) => void;
  /** US dollars that may be spent; null: no limit. */
  readonly limit_usd: number | null;
  /** Counts one call; null is a price that is not known. */
  readonly add: (cost_usd: number | null) => void;
};

/**
 * The money of one run, in US dollars; a null budget is none. Calls under way when the budget is reached are finished
 * and paid, so it may be passed by as much as they cost.
 */
export function openBudget(options: {
  readonly budget_usd: number | null;
  readonly spent_usd: number;
}): Budget {
  const { budget_usd } = options;
  let [spent_usd, unknown_price_calls] = [options.spent_usd, 0];
  return {
    get spent_usd() {
      return spent_usd;
    },
    get unknown_price_calls() {
      return unknown_price_calls;
    },
    admit() {
      if (budget_usd === null) return;
      if (unknown_price_calls > 0) throw unknowable(unknown_price_calls);
      if (spent_usd >= budget_usd) throw reached(spent_usd, budget_usd);
    },
    limit_usd: budget_usd,
    rebase(known_usd) {
      spent_usd = known_usd;
    },
    add(cost_usd) {
      if (cost_usd === null) unknown_price_calls++;
      else spent_usd += cost_usd;
    },
  };
}

function reached(spent_usd: number, budget_usd: number): Fault {
  const message = `the run has cost $${spent_usd.toFixed(2)} of its budget of $${budget_usd.toFixed(2)}`;
  return new Fault("budget_reached", message, {
    hint: "raise --budget (a study: budget.usd) and run the same command again: finished pairs are kept and not repeated",
  });
}

function unknowable(calls: number): Fault {
  return new Fault("budget_reached", `the price of ${calls} calls is unknown`, {
    hint: "name the model's price in a price file, or leave --budget away",
  });
}
