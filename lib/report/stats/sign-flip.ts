// Owns the cluster sign-flip permutation test: how often chance alone would make two arms differ this much.
import { sum } from "../../core/lists.ts";
import { CPythonRandom } from "../../dataset/random.ts";
import { SEED } from "./bootstrap.ts";
import { checkCount } from "./checks.ts";
import { clusterSums, type Observation } from "./cluster.ts";

/** Up to this many clusters all 2^C assignments are counted. */
const MOST_ENUMERATED = 16;
const SIGN_DRAWS = 100_000;
/** Signs drawn with one random number: what 32-bit operations hold. */
const BLOCK = 30;
/** Sums of the same differences in another order may differ by rounding; they are ties. */
const TIE = 1e-9;

/**
 * `p` is null without observations. `smallest_p` is what the test could reach at best with these clusters: above
 * the level wanted, it can show nothing. `clusters` counts those whose difference is not 0; the others have no sign.
 */
export type SignFlip = {
  readonly p: number | null;
  readonly smallest_p: number | null;
  readonly method: "exact" | "sampled";
  readonly assignments: number;
  readonly clusters: number;
};

/**
 * Two-sided test of no difference between two arms. The values are differences of pairs; the statistic is
 * |Σ_c D_c| with D_c the sum of cluster c's differences (n times the absolute mean difference); under the null
 * hypothesis each D_c is as likely to have the other sign. All 2^C assignments up to 16 clusters, else `draws`
 * (default 100,000) from CPython's generator, with p = (b+1)/(m+1).
 * Sources: Canay, Romano and Shaikh 2017, Econometrica 85:1013 (sign changes by cluster); Phipson and Smyth 2010,
 * Stat. Appl. Genet. Mol. Biol. 9:39 (the +1). Throws RangeError unless draws ≥ 1, seed is whole and 0 or more, and
 * values are finite.
 */
export function signFlip(
  differences: readonly Observation[],
  options: { readonly draws?: number; readonly seed?: number } = {},
): SignFlip {
  const { draws = SIGN_DRAWS, seed = SEED } = options;
  checkCount("draws", draws, 1);
  checkCount("seed", seed, 0);
  const sums = clusterSums(differences).sums.filter((sum) => Math.abs(sum) > TIE);
  const clusters = sums.length;
  if (differences.length === 0)
    return { p: null, smallest_p: null, method: "exact", assignments: 0, clusters };
  const least = Math.abs(sum(sums)) - TIE;
  if (clusters > MOST_ENUMERATED) {
    const p = (countSampled(sums, least, { draws, seed }) + 1) / (draws + 1);
    const smallest = 1 / (draws + 1);
    return { p, smallest_p: smallest, method: "sampled", assignments: draws, clusters };
  }
  const assignments = 2 ** clusters;
  const p = countAll(sums, least) / assignments;
  const smallest = Math.min(1, 2 / assignments);
  return { p, smallest_p: smallest, method: "exact", assignments, clusters };
}

function countAll(sums: Float64Array, least: number): number {
  let reached = 0;
  for (let signs = 0; signs < 2 ** sums.length; signs++)
    if (Math.abs(signed(sums, signs)) >= least) reached++;
  return reached;
}

function countSampled(
  sums: Float64Array,
  least: number,
  { draws, seed }: { readonly draws: number; readonly seed: number },
): number {
  const random = new CPythonRandom(seed);
  const blocks = Array.from({ length: Math.ceil(sums.length / BLOCK) }, (_, index) =>
    sums.subarray(index * BLOCK, (index + 1) * BLOCK),
  );
  let reached = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (const block of blocks) sum += signed(block, random.randbelow(2 ** block.length));
    if (Math.abs(sum) >= least) reached++;
  }
  return reached;
}

/** The sum with the sign of term i turned where bit i of `signs` is set. */
function signed(sums: Float64Array, signs: number): number {
  let sum = 0;
  for (let i = 0; i < sums.length; i++) sum += (signs >>> i) & 1 ? -(sums[i] ?? 0) : (sums[i] ?? 0);
  return sum;
}
