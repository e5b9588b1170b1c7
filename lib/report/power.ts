// Owns what a comparison of two arms can find: the smallest difference that its pairs can show.
import { normalQuantile } from "../core/normal.ts";

export type PowerOptions = {
  /** Pairs that both arms attempt. */
  readonly n: number;
  /** Share of the pairs on which the arms differ, in [0, 1]: one passes and the other fails. */
  readonly discordant: number;
  /** Chance of finding a difference that is there, in (0, 1); .8 when absent. */
  readonly power?: number | undefined;
  /** Chance of finding one that is not there, two-sided, in (0, 1); .05 when absent. */
  readonly alpha?: number | undefined;
  /**
   * The factor by which dependence inside clusters inflates the variance; 1 (none) when absent. See {@link
   * designEffect}.
   */
  readonly design_effect?: number | undefined;
};

/**
 * The smallest difference of two pass rates on the same pairs that is found with the given power: (z_{1−α/2} + z_{power}) ·
 * √(p_d · D / n), a proportion. It takes the variance of the paired difference as p_d / n, which is right near no difference
 * and a little too large (so cautious) elsewhere. A result above `discordant` means that no difference can be shown: the
 * rates cannot differ by more than the share of pairs that differ.
 * Source: Connor 1987, Biometrics 43:207, with its p_d − δ² taken as p_d; Miller 2024
 * (arXiv 2411.00640), on power. Throws RangeError for numbers out of their ranges.
 */
export function detectableDifference(options: PowerOptions): number {
  const { n, discordant, power = 0.8, alpha = 0.05, design_effect = 1 } = options;
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`n ${n} must be a whole number above 0`);
  if (!(discordant >= 0 && discordant <= 1))
    throw new RangeError(`discordant ${discordant} must be from 0 to 1`);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha ${alpha} must be between 0 and 1`);
  if (!(design_effect > 0 && Number.isFinite(design_effect)))
    throw new RangeError(`design_effect ${design_effect} must be above 0`);
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  return z * Math.sqrt((discordant * design_effect) / n);
}

/**
 * The design effect of clusters of `m` pairs (their mean number) whose differences correlate by `rho`: 1 + (m − 1)·ρ.
 * Source: Kish 1965, Survey Sampling, section 5.4. Throws RangeError unless m ≥ 1, −1 ≤ ρ ≤ 1 and the result is above 0.
 */
export function designEffect(m: number, rho: number): number {
  const effect = 1 + (m - 1) * rho;
  if (m >= 1 && Number.isFinite(m) && Math.abs(rho) <= 1 && effect > 0) return effect;
  throw new RangeError(`no design effect of clusters of ${m} with a correlation of ${rho}`);
}
