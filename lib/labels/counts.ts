// Owns how often each label was given in runs, next to the paper's share.
import type { LabelFinding } from "../../db/labels.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { Judged } from "../core/vocabulary.ts";
import { labelsOf, NO_EVIDENCE, NO_LABEL, paperShare } from "./taxonomy.ts";

/** A label's count in a run, by one model with one prompt. Shares are proportions. */
export type LabelCount = {
  readonly run: string;
  readonly measure: Judged;
  readonly label: string;
  /** Attempts with the label at least once, of those that were judged. */
  readonly attempts: number;
  readonly judged_attempts: number;
  /** Labels given, of all subjects that were judged: conversations, or messages for speech acts. */
  readonly labels: number;
  readonly subjects: number;
  /** labels / subjects. */
  readonly share: number | null;
  /**
   * The same among failures for which the conversation has evidence: the paper's shares add up to 1 without the others.
   */
  readonly share_of_evident: number | null;
  /** Share of failed coop runs in CooperBench (arXiv 2601.13295 v2); null if it gives none. */
  readonly paper_share: number | null;
  readonly model: string;
  readonly prompt_sha256: string;
};

/** Every label of each measure that was judged, unused ones too, and `no label` if some have none. */
export function labelCounts(
  ledger: Ledger,
  { runs }: { readonly runs?: readonly string[] | undefined },
): LabelCount[] {
  const groups = Map.groupBy(
    ledger.labels.findings(runs),
    ({ run, measure, model, prompt_sha256 }) => `${run} ${measure} ${prompt_sha256} ${model}`,
  );
  return [...groups.values()].flatMap(labelRows);
}

function labelRows(found: readonly LabelFinding[]): LabelCount[] {
  const [first] = found;
  if (first === undefined) return [];
  const { run, measure, model, prompt_sha256 } = first;
  const byLabel = Map.groupBy(found, ({ label }) => label ?? NO_LABEL);
  const names = [...new Set([...labelsOf(measure), ...byLabel.keys()])];
  const judged_attempts = attemptsOf(found);
  const without = countOf(byLabel, NO_LABEL) + countOf(byLabel, NO_EVIDENCE);
  return names.map((label) => {
    const given = byLabel.get(label) ?? [];
    const evident = paperShare(measure, label) !== null;
    return {
      ...{ run, measure, label, attempts: attemptsOf(given), judged_attempts },
      labels: given.length,
      subjects: found.length,
      share: given.length / found.length,
      share_of_evident: evident ? ratio(given.length, found.length - without) : null,
      paper_share: paperShare(measure, label),
      ...{ model, prompt_sha256 },
    };
  });
}

function countOf(groups: ReadonlyMap<string, readonly LabelFinding[]>, label: string): number {
  return groups.get(label)?.length ?? 0;
}

function attemptsOf(found: readonly LabelFinding[]): number {
  return new Set(found.map(({ attempt_key }) => attempt_key)).size;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
