// Owns the door to the statistics: pure functions over rows, each with its formula's source.

export {
  BOOTSTRAP_DRAWS,
  type BootstrapInterval,
  type BootstrapOptions,
  clusterBootstrap,
  SEED,
} from "./bootstrap.ts";
export {
  type Bounds,
  type ClusteredInterval,
  type ClusteredMean,
  clusteredInterval,
  clusteredMean,
  DIFFERENCE,
  type NoInterval,
  type Observation,
  PROPORTION,
} from "./cluster.ts";
export {
  type ArmComparison,
  type ArmRates,
  armRates,
  type ClusterView,
  type CompareOptions,
  compareArms,
} from "./compare.ts";
export { areaUnder, type CurvePoint, curveOf, retention, type Unit } from "./curve.ts";
export { BUCKETS, bucketOf, difficulties, midpointOf } from "./difficulty.ts";
export { binomialCdf, studentQuantile } from "./distributions.ts";
export { DEFAULT_MARGIN, type Equivalence, equivalence, type Verdict } from "./equivalence.ts";
export { holm } from "./holm.ts";
export { type McNemar, mcnemar } from "./mcnemar.ts";
export { type PairTries, pairTries, type TryRow } from "./pairs.ts";
export { knownSum, type Spread, sortedQuantile, spreadOf } from "./quartiles.ts";
export { passAtK, passHatK, type Repeats, repeatsOf, type Tries, triesOf } from "./repeats.ts";
export {
  type CurveRow,
  pairDifficulties,
  type Retention,
  type RetentionReport,
  type RetentionSet,
  retentionReport,
} from "./retention.ts";
export { type SignFlip, signFlip } from "./sign-flip.ts";
