// Owns the part `judged`: how often a model gave each label, next to the paper's share.
import { labelCounts } from "../../labels/counts.ts";
import { count, RUN, rate, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "judged",
  label: "What a model said about conversations",
  summary:
    "A label is a model's opinion: see judge --agreement. paper_share is of failed coop runs in the CooperBench paper (arXiv 2601.13295 v2).",
  empty: "nothing was judged: see judge",
  by: ["run", "measure", "label", "model"],
  columns: {
    ...RUN,
    measure: text("what was judged"),
    label: text("what the model said; `no label` where it found nothing"),
    model: text("name of the model that judged"),
    share: rate("share of the subjects with the label"),
    attempts: count("attempts with the label at least once"),
    judged_attempts: count("attempts that were judged"),
    labels: count("labels given"),
    subjects: count("conversations, or messages, that were judged"),
    share_of_evident: rate(
      "share of the label among failures for which the conversation has evidence",
    ),
    paper_share: rate("share of failed coop runs in the CooperBench paper"),
    prompt_sha256: text("hash of the text that the model was asked with"),
  },
  source: [{ file: "lib/labels/counts.ts", names: ["labelCounts"] }],
  rows: ({ ledger, runs }) => labelCounts(ledger, { runs }),
  chapter: "Talking",
};
