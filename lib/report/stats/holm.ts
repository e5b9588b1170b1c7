// Owns Holm's correction of the p-values of one family of comparisons.

/**
 * Adjusted p-values in the order given: sorted upwards, the i-th of m (from 1) becomes the largest of
 * (m − j + 1)·p_j over j ≤ i, at most 1. A null (a test that could not be made) stays null and is not counted in m.
 * Source: Holm 1979, Scand. J. Statistics 6:65. Throws RangeError for a p outside [0, 1].
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const known = pValues.flatMap((p, place) => (p === null ? [] : [{ p: checked(p), place }]));
  known.sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  for (const [index, { p, place }] of known.entries()) {
    largest = Math.max(largest, Math.min(1, (known.length - index) * p));
    adjusted[place] = largest;
  }
  return adjusted;
}

function checked(p: number): number {
  if (p >= 0 && p <= 1) return p;
  throw new RangeError(`p-value ${p} must be from 0 to 1`);
}
