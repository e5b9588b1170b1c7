// Owns what a model can be asked to judge: the measures, their labels, what each means, and the paper's shares.

import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import type { Judged } from "../core/vocabulary.ts";

type Meaning = {
  readonly meaning: string;
  /** Its share of failed coop runs in CooperBench (arXiv 2601.13295 v2), a proportion. */
  readonly paper_share?: number;
};
type Measure = {
  /** Its name on a command line, and its template's. */
  readonly flag: string;
  /** Exact quotes that a label needs: with fewer of them there is no label. */
  readonly quotes: number;
  readonly labels: Readonly<Record<string, Meaning>>;
};

/** The label of a failure for which the conversation has no evidence; it needs no quotes. */
export const NO_EVIDENCE = "implementation failure";
/** How the absence of a label is written in tables and files. */
export const NO_LABEL = "no label";
/** The subject of labels of a whole conversation. */
export const CONVERSATION = "-";

export const TAXONOMY = {
  "communication error": {
    flag: "communication-errors",
    quotes: 2,
    labels: {
      "unresponsive: no reply": { meaning: "a question or request never gets any answer" },
      "unresponsive: ignored": {
        meaning: "the partner goes on writing, but about other things: the question is passed over",
      },
      "unresponsive: vague": {
        meaning: "an answer comes, but leaves open what was asked (no decision, place or name)",
      },
      "hallucination: uncorrected": {
        meaning: "a claim contradicts what the conversation shows, and nobody sets it right",
      },
      "hallucination: corrected": {
        meaning:
          "a claim contradicts what the conversation shows, and somebody sets it right later",
      },
      "repetition: same information": {
        meaning: "a message tells again, in other words, what was told before, and adds nothing",
      },
      "repetition: near-duplicate blocks": {
        meaning: "a block of several lines comes again nearly word for word",
      },
    },
  },
  "failure symptom": {
    flag: "failure-symptoms",
    quotes: 1,
    labels: {
      "work overlap": {
        meaning: "both build the same thing, so that work is doubled or one overwrites the other",
        paper_share: 0.332,
      },
      "divergent architecture": {
        meaning: "the two designs do not fit together, even where they merge without a conflict",
        paper_share: 0.297,
      },
      repetition: {
        meaning: "long status messages bring little that is new and hide what matters",
        paper_share: 0.147,
      },
      unresponsiveness: {
        meaning: "direct questions or requests stay unanswered, so that decisions are never made",
        paper_share: 0.087,
      },
      "unverifiable claims": {
        meaning: "one states a change or a decision in a way that the partner cannot check",
        paper_share: 0.043,
      },
      "broken commitment": {
        meaning: "one promises or reports something that then is not in the work",
        paper_share: 0.037,
      },
      "dependency access": {
        meaning:
          "nobody warns of a dependency between the two parts that breaks once they are merged",
        paper_share: 0.017,
      },
      "placeholder misuse": {
        meaning: "they agree on a placeholder or a contract, and one applies it otherwise",
        paper_share: 0.015,
      },
      "parameter flow": {
        meaning: "an interface changes, and one goes on building against its old parameters",
        paper_share: 0.013,
      },
      "timing dependency": {
        meaning: "they agree on an order of work that nothing upholds once both are merged",
        paper_share: 0.011,
      },
      [NO_EVIDENCE]: { meaning: "the conversation shows no evidence of any of the others" },
    },
  },
  "speech act": {
    flag: "speech-acts",
    quotes: 0,
    labels: {
      question: { meaning: "asks the partner for information, a decision or an action" },
      answer: { meaning: "answers a question or request that came before" },
      plan: { meaning: "says what the sender is going to do, or who shall do what" },
      update: { meaning: "reports what was done or found out" },
      acknowledgement: { meaning: "confirms, agrees or thanks, and says nothing else" },
    },
  },
} as const satisfies Record<Judged, Measure>;

export const MEASURES: readonly Judged[] = ["communication error", "failure symptom", "speech act"];
export const MEASURE_FLAGS: readonly string[] = MEASURES.map((name) => TAXONOMY[name].flag);

/** Labels of a measure, in the order of their precedence where they have one. */
export function labelsOf(measure: Judged): readonly string[] {
  return Object.keys(TAXONOMY[measure].labels);
}

/** The labels with their meanings, as the templates show them. */
export function meaningsOf(measure: Judged): { label: string; meaning: string }[] {
  return Object.entries<Meaning>(TAXONOMY[measure].labels).map(([label, { meaning }]) => ({
    label,
    meaning,
  }));
}

/** The paper's share of a label; null if it gives none. */
export function paperShare(measure: Judged, label: string): number | null {
  const labels: Readonly<Record<string, Meaning>> = TAXONOMY[measure].labels;
  return (Object.hasOwn(labels, label) ? labels[label]?.paper_share : undefined) ?? null;
}

/** The measure of a name: its flag's (`speech-acts`) or the ledger's (`speech act`). Throws UsageError with the nearest. */
export function measureOf(name: string): Judged {
  const found = MEASURES.find((measure) => measure === name || TAXONOMY[measure].flag === name);
  if (found !== undefined) return found;
  throw new UsageError(unknownName("measure", name, MEASURE_FLAGS));
}
