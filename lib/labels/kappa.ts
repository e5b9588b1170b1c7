// Owns agreement of two raters: Cohen's kappa with its standard error, precision and recall by label, the confusion.
import { sum } from "../core/lists.ts";
import { normalQuantile } from "../core/normal.ts";

/** One thing that both labelled: the reference's label, and the other's. */
export type Rated = { readonly reference: string; readonly other: string };
/** `counts[i][j]`: things that the reference called `labels[i]` and the other `labels[j]`. */
export type Confusion = {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
};

/**
 * Things counted by both labels; labels in the order given, others after them as they come. Unused ones are omitted.
 */
export function confusionOf(pairs: readonly Rated[], order: readonly string[] = []): Confusion {
  const used = new Set(pairs.flatMap(({ reference, other }) => [reference, other]));
  const labels = [...new Set([...order, ...used])].filter((label) => used.has(label));
  const counts = labels.map((row) =>
    labels.map(
      (column) =>
        pairs.filter(({ reference, other }) => reference === row && other === column).length,
    ),
  );
  return { labels, counts };
}

/** Proportions; null where nothing is known, with the reason. */
export type Kappa = {
  readonly in_common: number;
  /** Share of things with the same label, and the share that chance alone would give. */
  readonly observed: number | null;
  readonly expected: number | null;
  readonly kappa: number | null;
  readonly kappa_se: number | null;
  readonly kappa_low: number | null;
  readonly kappa_high: number | null;
  readonly kappa_reason: "nothing in common" | "one label only" | "no spread" | null;
};

/** Rounding leaves a tiny error where nothing varies. */
const HAIR = 1e-14;
const UNKNOWN = { kappa: null, kappa_se: null, kappa_low: null, kappa_high: null };

/**
 * Cohen's kappa, (p₀ − pₑ) / (1 − pₑ) with p₀ = Σ pᵢᵢ and pₑ = Σ pᵢ. p.ᵢ, and its large-sample standard error, the
 * square root of (Σ pᵢⱼ·w² − (κ − pₑ(1 − κ))²) / (n(1 − pₑ)²) with w = [i = j] − (p.ᵢ + pⱼ.)(1 − κ). The 95 % interval
 * is normal, cut at ±1. Things are treated as independent: messages of one conversation are not, and the error is then
 * too small. Sources: Cohen 1960, Educ. Psychol. Meas. 20:37; Fleiss, Cohen & Everitt 1969, Psychol. Bull. 72:323.
 */
export function kappaOf({ counts }: Confusion): Kappa {
  const in_common = sum(counts.flat());
  if (in_common === 0)
    return {
      in_common,
      observed: null,
      expected: null,
      ...UNKNOWN,
      kappa_reason: "nothing in common",
    };
  const p = counts.map((row) => row.map((count) => count / in_common));
  const rows = p.map(sum);
  const columns = p.map((_, at) => sum(p.map((row) => row[at] ?? 0)));
  const observed = sum(counts.map((row, at) => row[at] ?? 0)) / in_common;
  const expected = sum(rows.map((share, at) => share * (columns[at] ?? 0)));
  const shares = { in_common, observed, expected };
  if (1 - expected < HAIR) return { ...shares, ...UNKNOWN, kappa_reason: "one label only" };
  const kappa = (observed - expected) / (1 - expected);
  const squares = p.flatMap((row, i) =>
    row.map((share, j) => {
      const margins = (columns[i] ?? 0) + (rows[j] ?? 0);
      return share * ((i === j ? 1 : 0) - margins * (1 - kappa)) ** 2;
    }),
  );
  const variance = (sum(squares) - (kappa - expected * (1 - kappa)) ** 2) / (1 - expected) ** 2;
  return { ...shares, kappa, ...spread(kappa, variance / in_common) };
}

function spread(kappa: number, variance: number) {
  if (variance < HAIR)
    return {
      kappa_se: null,
      kappa_low: null,
      kappa_high: null,
      kappa_reason: "no spread",
    } as const;
  const kappa_se = Math.sqrt(variance);
  const half = normalQuantile(0.975) * kappa_se;
  const [kappa_low, kappa_high] = [Math.max(-1, kappa - half), Math.min(1, kappa + half)];
  return { kappa_se, kappa_low, kappa_high, kappa_reason: null };
}

export type LabelAgreement = {
  readonly label: string;
  /** Things that the reference called so, the other, and both. */
  readonly reference: number;
  readonly other: number;
  readonly both: number;
  /** Of what the other called so, the share that the reference did; null when there is none. */
  readonly precision: number | null;
  /** Of what the reference called so, the share that the other did; null when there is none. */
  readonly recall: number | null;
};

/** One row per label. */
export function byLabel({ labels, counts }: Confusion): LabelAgreement[] {
  return labels.map((label, at) => {
    const both = counts[at]?.[at] ?? 0;
    const reference = sum(counts[at] ?? []);
    const other = sum(counts.map((row) => row[at] ?? 0));
    const ratio = (whole: number) => (whole === 0 ? null : both / whole);
    return { label, reference, other, both, precision: ratio(other), recall: ratio(reference) };
  });
}
