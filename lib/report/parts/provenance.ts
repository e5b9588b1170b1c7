// Owns the part `provenance`: what the numbers rest on.
import { text } from "../columns.ts";
import type { Part } from "../part.ts";
import { provenanceLines } from "../provenance.ts";

export const part: Part = {
  name: "provenance",
  label: "What the numbers rest on",
  by: ["run", "fact"],
  columns: {
    run: text("name of the run; empty where a fact is about the report as a whole"),
    fact: text("what the fact is about"),
    value: text("the fact itself"),
  },
  source: [{ file: "lib/report/provenance.ts", names: ["provenanceLines"] }],
  rows: ({ ledger, policy, runs }) => provenanceLines(ledger, { policy, runs }),
};
