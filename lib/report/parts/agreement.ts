// Owns the part `agreement`: how many verdicts of imported logs agree with Tandem's.
import { wholeDifferences } from "../against.ts";
import { count, text } from "../columns.ts";
import type { Part } from "../part.ts";

export const part: Part = {
  name: "agreement",
  label: "Verdicts of the imported logs and Tandem's: how many agree",
  by: ["finding"],
  columns: { finding: text("what is counted"), attempts: count("attempts counted") },
  source: [{ file: "lib/cooperbench/differences.ts", names: ["importedDifferences"] }],
  rows: (context) =>
    Object.entries(wholeDifferences(context).counts).map(([finding, attempts]) => ({
      finding: finding.replaceAll("_", " "),
      attempts,
    })),
};
