// Owns the part `annotations`: what people said about attempts and messages, one row each.
import { RUN, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "annotations",
  label: "What people said about attempts and messages",
  empty: "there are no annotations: make one with annotate",
  by: ["run", "attempt_key", "subject"],
  columns: {
    ...RUN,
    attempt_key: text("the attempt"),
    subject: text("`-` for the attempt, else the message's number"),
    measure: text("what the label answers, as models are asked it; null for a person's own label"),
    label: text("the label; null where nothing was found, or where there is only a note"),
    note: text("what they wrote; null if nothing"),
    annotated_by: text("who said it"),
    annotated_at: text("when it was said (UTC)"),
  },
  source: [{ file: "db/annotations.ts", names: ["annotationStore"] }],
  rows: ({ ledger, runs }) => ledger.annotations.all(runs).map(({ id: _, ...row }) => row),
};
