// Owns forecasts: what a run will cost, and how long it will still take; unknown where there is no basis.

/** Fewer finished attempts than these say nothing about the others. */
const FEWEST = 3;

export type SpentSoFar = {
  /** Attempts that are done, and all that are planned; null when that is unknown. */
  readonly done: number;
  readonly total: number | null;
  /** US dollars that are spent, without and with units under way. */
  readonly settled_usd: number;
  readonly cost_usd: number;
  /** Parts whose price is unknown. */
  readonly unpriced: number;
};

/**
 * What the whole run will cost in US dollars: (what finished attempts, faults and lost tries have cost) / finished ×
 * planned, so that waste is expected to go on at its rate; never less than is spent. Null when unknown.
 */
export function forecastUsd(spent: SpentSoFar): number | null {
  const { done, total, settled_usd, cost_usd, unpriced } = spent;
  if (total === null || done < FEWEST || unpriced > 0) return null;
  return Math.max(cost_usd, (settled_usd / done) * Math.max(total, done));
}

/** Units of one stage: how many are left, and how many were finished in the last `window_ms` milliseconds. */
export type Pace = { readonly left: number; readonly finished: number };

/**
 * Milliseconds until nothing is left, at the pace of the window: left / finished × window, for the slower of the two
 * stages. Evaluating counts once units were evaluated in the window: not everyone wants it. Null when unknown.
 */
export function etaMs(paces: { run: Pace; eval: Pace; window_ms: number | null }): number | null {
  const { run, eval: evaluate, window_ms } = paces;
  if (run.left <= 0 && evaluate.left <= 0) return 0;
  if (window_ms === null) return null;
  const needed = [run, ...(evaluate.finished > 0 ? [evaluate] : [])].filter(({ left }) => left > 0);
  // Only evaluating is left, and no process evaluates: without a pace the time is unknown.
  const longest = Math.max(...needed.map(({ left, finished }) => (left / finished) * window_ms));
  return Number.isFinite(longest) ? longest : null;
}
