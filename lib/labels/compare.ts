// Owns comparing the ledger's labels with people's or with rules.
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import type { Judged } from "../core/vocabulary.ts";
import { selectRows } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";
import { type AgreementRow, agreementRows, type ReferenceLabel } from "./agreement.ts";
import { readHumanLabels } from "./human.ts";
import { annotatedLabels, isAnnotations } from "./people.ts";
import { ruleLabels } from "./rules.ts";

/** Instead of a file: the rules of lib/labels/speech-acts.ts. */
export const RULES = "rules";

export type AgreementRequest = {
  /** A file of labels (see {@link readHumanLabels}), {@link RULES}, or people's annotations in the ledger. */
  readonly against: string;
  readonly select: Selection;
  readonly measures: readonly Judged[];
  /** All models when absent. */
  readonly model?: string | undefined;
};

/** Agreement of each model's labels of the selected attempts with the reference. Asks no model. Throws UsageError. */
export function labelAgreement(
  ledger: Ledger,
  { against, select, measures, model }: AgreementRequest,
): AgreementRow[] {
  const rows = selectRows(ledger, { filters: select, policy: "union" });
  const keys = new Set(rows.map(({ attempt_key }) => attempt_key));
  const found = ledger.labels
    .findings([...new Set(rows.map(({ run }) => run))])
    .filter(
      (one) =>
        keys.has(one.attempt_key) &&
        measures.includes(one.measure) &&
        (model === undefined || one.model === model),
    );
  if (found.length === 0)
    throw new UsageError("there is no label of a model to compare with: judge something first");
  const judged = new Set(found.map(({ attempt_key }) => attempt_key));
  return agreementRows(referenceOf(ledger, { against, keys, judged }), found);
}

type Sought = Pick<AgreementRequest, "against"> & {
  readonly keys: ReadonlySet<string>;
  readonly judged: ReadonlySet<string>;
};

function referenceOf(ledger: Ledger, { against, keys, judged }: Sought): ReferenceLabel[] {
  if (against === RULES) return ruleLabels(ledger, judged);
  const labels = isAnnotations(against)
    ? annotatedLabels(ledger, against)
    : readHumanLabels(against);
  return labels.filter(({ attempt_key }) => keys.has(attempt_key));
}
