// Owns the one definition of "pass rate", with its Wilson interval: every table and page uses it.

/** One attempted pair. `passed` is null until it is evaluated; `fault` means the laboratory broke. */
export type RateRow = { readonly passed: boolean | null; readonly fault: boolean };

/** Proportions are in [0, 1], and null where nothing was counted. */
export type PassRate = {
  readonly passed: number;
  /** The denominator: evaluated pairs without a fault. Conflict, empty, limit and timeout are in it. */
  readonly attempted: number;
  /** Pairs that met a fault: beside the rate, in the two bounds. */
  readonly faults: number;
  /** Pairs not evaluated yet: outside the rate and outside the bounds. */
  readonly pending: number;
  readonly rate: number | null;
  readonly wilson_low: number | null;
  readonly wilson_high: number | null;
  readonly rate_if_faults_fail: number | null;
  readonly rate_if_faults_pass: number | null;
};

/** Bounds of a proportion in [0, 1]; both null when there are no observations. */
export type Interval =
  | { readonly low: number; readonly high: number }
  | { readonly low: null; readonly high: null };

/**
 * Passed pairs over all attempted pairs without a fault, its 95 % Wilson interval, and the rate if
 * every fault had failed and if every fault had passed. A row with a fault is never scored, whatever
 * its `passed` says.
 */
export function passRate(rows: readonly RateRow[]): PassRate {
  const sound = rows.filter((row) => !row.fault);
  const scored = sound.filter((row) => row.passed !== null);
  const faults = rows.length - sound.length;
  const attempted = scored.length;
  const passed = scored.filter((row) => row.passed).length;
  const interval = wilson(passed, attempted);
  return {
    passed,
    attempted,
    faults,
    pending: sound.length - attempted,
    rate: ratio(passed, attempted),
    wilson_low: interval.low,
    wilson_high: interval.high,
    rate_if_faults_fail: ratio(passed, attempted + faults),
    rate_if_faults_pass: ratio(passed + faults, attempted + faults),
  };
}

/**
 * Wilson's score interval of `successes` in `n`, two-sided, without continuity correction.
 * Source: Wilson 1927, J. Am. Stat. Assoc. 22:209. Throws RangeError unless 0 ≤ successes ≤ n are
 * whole numbers and 0 < level < 1.
 */
export function wilson(successes: number, n: number, level = 0.95): Interval {
  if (!Number.isInteger(successes) || !Number.isInteger(n) || successes < 0 || successes > n)
    throw new RangeError(`wilson(${successes}, ${n}): successes must be whole and from 0 to n`);
  if (!(level > 0 && level < 1)) throw new RangeError(`level ${level} must be between 0 and 1`);
  if (n === 0) return { low: null, high: null };
  const z = normalQuantile((1 + level) / 2);
  const share = successes / n;
  const scale = 1 + z ** 2 / n;
  const centre = (share + z ** 2 / (2 * n)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))) / scale;
  // At the two ends the bound is exactly 0 or 1, which rounding would miss by a hair.
  return { low: successes === 0 ? 0 : centre - half, high: successes === n ? 1 : centre + half };
}

/** Coefficients of AS 241 (PPND16), constant term first. */
const CENTRAL = {
  top: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946,
    45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  bottom: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597,
    39307.89580009271, 28729.085735721943, 5226.495278852854,
  ],
};
const MIDDLE = {
  top: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045,
    1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  bottom: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
    0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const FAR = {
  top: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
    0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  bottom: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
    1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

/**
 * The standard normal quantile of `p`, relative error about 1e-16.
 * Source: Wichura 1988, Algorithm AS 241 (PPND16), Applied Statistics 37:477. Throws RangeError
 * unless 0 < p < 1.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normalQuantile(${p}): p must be between 0 and 1`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * quotient(CENTRAL, 0.425 ** 2 - q ** 2);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  return Math.sign(q) * (r <= 5 ? quotient(MIDDLE, r - 1.6) : quotient(FAR, r - 5));
}

type Rational = { readonly top: readonly number[]; readonly bottom: readonly number[] };

function quotient({ top, bottom }: Rational, x: number): number {
  return polynomial(top, x) / polynomial(bottom, x);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((value, coefficient) => value * x + coefficient, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
