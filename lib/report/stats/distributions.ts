// Owns the two distributions that the statistics need, from @stdlib: Student's t and the binomial.

/**
 * Student's t quantile of `p` with `df` degrees of freedom, relative error about 1e-12. The package costs
 * 0.15 s to load, so it comes with the first call. Throws RangeError unless 0 < p < 1 and df > 0.
 */
export async function studentQuantile(p: number, df: number): Promise<number> {
  if (!(p > 0 && p < 1)) throw new RangeError(`studentQuantile: p = ${p} must be between 0 and 1`);
  if (!(df > 0)) throw new RangeError(`studentQuantile: df = ${df} must be above 0`);
  const { default: quantile } = await import("@stdlib/stats-base-dists-t-quantile");
  return quantile(p, df);
}

/**
 * P(X ≤ x) for X binomial with `n` trials of chance `p`; loaded with the first call. Throws RangeError
 * unless n is whole and at least 0, and 0 ≤ p ≤ 1.
 */
export async function binomialCdf(x: number, n: number, p: number): Promise<number> {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(`binomialCdf: n = ${n} must be whole and 0 or more`);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`binomialCdf: p = ${p} must be from 0 to 1`);
  if (Number.isNaN(x)) throw new RangeError("binomialCdf: x must be a number");
  const { default: cdf } = await import("@stdlib/stats-base-dists-binomial-cdf");
  return cdf(x, n, p);
}
