// Owns splitting a run's attempts: passes by path, failures by cause, and what has no verdict, with shares of all and of their kind.
import type { Ledger } from "../../../db/ledger.ts";
import type { OutcomeRow } from "../../../db/outcomes.ts";
import type { Policy } from "../../../db/schema.ts";
import type { ReportLine } from "../line.ts";
import { byRun, type MeasureScope, shareOf } from "./measure.ts";

/** `policy`: under which a tree may pass. */
export type SplitOptions = MeasureScope & { readonly policy: Policy };

const NOT_KNOWN = "not known";
const VERDICTS = ["passed", "failed", "no verdict"] as const;

/**
 * One line per run, verdict and kind. Passes are split by the path to the tested tree; failures by where they began: own
 * feature broken before the merge, patch lost, conflict, clean merge but broken (a semantic conflict); what has no
 * verdict into faults and attempts that wait for one. A failure whose agents' patches were not tested alone has a
 * cause that is not known. `share` is of all the run's attempts, `share_of_verdict` of those with the same verdict.
 */
export function splitLines(ledger: Ledger, options: SplitOptions): ReportLine[] {
  const only = options.only === undefined ? undefined : new Set(options.only);
  const found = ledger.outcomes
    .rows(options.policy, options.runs)
    .filter(({ attempt_key }) => only?.has(attempt_key) ?? true);
  return byRun(found, options).flatMap(([run, own]) =>
    VERDICTS.flatMap((verdict) => split(own, { run, verdict })),
  );
}

type Labels = { readonly run: string; readonly verdict: (typeof VERDICTS)[number] };

function split(rows: readonly OutcomeRow[], labels: Labels): ReportLine[] {
  const own = rows.filter((row) => verdictOf(row) === labels.verdict);
  return [...Map.groupBy(own, kindOf)]
    .map(([kind, { length }]) => ({
      ...labels,
      kind,
      attempts: length,
      share: shareOf(length, rows.length),
      share_of_verdict: shareOf(length, own.length),
    }))
    .sort((a, b) => b.attempts - a.attempts || (a.kind < b.kind ? -1 : 1));
}

function verdictOf({ passed, fault }: OutcomeRow): Labels["verdict"] {
  if (fault !== null || passed === null) return "no verdict";
  return passed ? "passed" : "failed";
}

function kindOf({ passed, fault, path, cause }: OutcomeRow): string {
  if (fault !== null) return "fault";
  if (passed === null) return "pending";
  return (passed ? path : cause) ?? NOT_KNOWN;
}
