// Owns what several tries at one pair say: the chance that one of k passes, and that all of k pass.
import { sumOf } from "../../core/lists.ts";
import { passRate, type RateRow } from "../rate.ts";
import { checkCount } from "./checks.ts";

/** Scored tries of one pair; faults and pending ones are omitted beforehand. */
export type Tries = { readonly tries: number; readonly passed: number };
/** Means over the `pairs` that have k scored tries; `left_out` pairs have fewer. */
export type Repeats = {
  readonly k: number;
  readonly pairs: number;
  readonly left_out: number;
  readonly pass_at_k: number;
  readonly pass_hat_k: number;
};

/** Counts what is scored: rows without a fault that are not pending, as the pass rate does. */
export function triesOf(rows: readonly RateRow[]): Tries {
  const { attempted, passed } = passRate(rows);
  return { tries: attempted, passed };
}

/**
 * The chance that at least one of k tries passes, from c passes in n tries: 1 − C(n−c,k)/C(n,k), unbiased.
 * Source: Chen et al. 2021, arXiv 2107.03374, equation 1. Throws RangeError unless 0 ≤ passed ≤ tries and
 * 1 ≤ k ≤ tries, all whole.
 */
export function passAtK({ tries, passed }: Tries, k: number): number {
  checkTries({ tries, passed });
  checkK(k, tries);
  return 1 - shareOfDraws(tries - passed, tries, k);
}

/**
 * The chance that all of k tries pass (pass^k): C(c,k)/C(n,k), unbiased.
 * Source: Yao et al. 2024 (τ-bench), arXiv 2406.12045. Throws as {@link passAtK}.
 */
export function passHatK({ tries, passed }: Tries, k: number): number {
  checkTries({ tries, passed });
  checkK(k, tries);
  return shareOfDraws(passed, tries, k);
}

/** Both for k = 1 … the most tries of any pair, as means over pairs; empty without tries. Throws as {@link passAtK}. */
export function repeatsOf(pairs: readonly Tries[]): Repeats[] {
  for (const pair of pairs) checkTries(pair);
  const most = pairs.reduce((longest, { tries }) => Math.max(longest, tries), 0);
  return Array.from({ length: most }, (_, index) => {
    const k = index + 1;
    const enough = pairs.filter(({ tries }) => tries >= k);
    const mean = (of: typeof passAtK) => sumOf(enough, (pair) => of(pair, k)) / enough.length;
    return {
      k,
      pairs: enough.length,
      left_out: pairs.length - enough.length,
      pass_at_k: mean(passAtK),
      pass_hat_k: mean(passHatK),
    };
  });
}

/** C(part,k)/C(whole,k) as a product, which cannot overflow. */
function shareOfDraws(part: number, whole: number, k: number): number {
  if (part < k) return 0;
  let share = 1;
  for (let drawn = 0; drawn < k; drawn++) share *= (part - drawn) / (whole - drawn);
  return share;
}

function checkTries({ tries, passed }: Tries): void {
  checkCount("tries", tries, 0);
  checkCount("passed", passed, 0);
  if (passed > tries) throw new RangeError(`passed ${passed} must be at most tries ${tries}`);
}

function checkK(k: number, tries: number): void {
  checkCount("k", k, 1);
  if (k > tries) throw new RangeError(`k ${k} must be at most tries ${tries}`);
}
