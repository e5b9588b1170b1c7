// Owns the strategies of merging: a row each, with what git is told of every file.
import { STRATEGIES, type Strategy } from "../core/vocabulary.ts";

export type StrategyRow = {
  /** What it does where both sides changed the same lines, for people. */
  readonly means: string;
  /** The attributes of every file while it merges; null: git's own way. */
  readonly attributes: string | null;
};

export const STRATEGY_ROWS: Readonly<Record<Strategy, StrategyRow>> = {
  naive: { means: "stops at the conflict", attributes: null },
  union: { means: "keeps both sides' lines", attributes: "* merge=union\n" },
};

/** The one that merges first; the others begin where it meets a conflict, and read its objects. */
export const [FIRST, ...OTHERS] = STRATEGIES;
/** The one whose repository sees the objects of all. */
export const LAST: Strategy = OTHERS.at(-1) ?? FIRST;

/** A value for each strategy. */
export function byStrategy<Value>(made: (strategy: Strategy) => Value): Record<Strategy, Value> {
  const entries = STRATEGIES.map((strategy) => [strategy, made(strategy)] as const);
  return Object.fromEntries(entries) as Record<Strategy, Value>;
}
