// Owns what the parts on imported verdicts share: the comparison with Tandem's, over whole runs.
import { type Comparison, importedDifferences } from "../cooperbench/differences.ts";
import { UsageError } from "../core/fault.ts";
import type { PartContext } from "./context.ts";

/** Throws UsageError unless whole runs are asked for. */
export function wholeDifferences({ ledger, runs, narrowed }: PartContext): Comparison {
  if (narrowed)
    throw new UsageError(
      "agreement with imported logs covers whole runs: only names of runs narrow it",
    );
  return importedDifferences(ledger, { runs });
}
