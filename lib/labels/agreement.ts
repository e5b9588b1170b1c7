// Owns how far labels of a model agree with reference labels, as rows: kappa, every label, the confusion.
import type { LabelFinding } from "../../db/labels.ts";
import type { Judged } from "../core/vocabulary.ts";
import { byLabel, confusionOf, type Kappa, kappaOf } from "./kappa.ts";
import { labelsOf, NO_LABEL } from "./taxonomy.ts";

/** A label of the reference: a person's, or the rules'. */
export type ReferenceLabel = Pick<LabelFinding, "attempt_key" | "measure" | "subject" | "label">;

type Compared = {
  readonly measure: Judged;
  readonly model: string;
  readonly prompt_sha256: string;
};
/** `only_reference`: things that the reference alone labelled. */
export type AgreementRow =
  | ({ readonly row: "kappa"; readonly only_reference: number } & Compared & Kappa)
  | ({ readonly row: "label"; readonly label: string } & Compared & {
        readonly reference: number;
        readonly model_said: number;
        readonly both: number;
        readonly precision: number | null;
        readonly recall: number | null;
      })
  | ({ readonly row: "confusion" } & Compared & {
        readonly reference_label: string;
        readonly model_label: string;
        readonly count: number;
      });

/**
 * Compares every measure, model and prompt with the reference, on what both labelled. Having no label is a label here.
 * A measure that the reference lacks has no rows; the confusion's empty cells are omitted.
 */
export function agreementRows(
  reference: readonly ReferenceLabel[],
  found: readonly LabelFinding[],
): AgreementRow[] {
  const groups = Map.groupBy(
    found,
    ({ measure, model, prompt_sha256 }) => `${measure} ${prompt_sha256} ${model}`,
  );
  return [...groups.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { measure, model, prompt_sha256 } = first;
    const ofMeasure = reference.filter((one) => one.measure === measure);
    return ofMeasure.length === 0
      ? []
      : compared({ measure, model, prompt_sha256 }, { reference: ofMeasure, rows });
  });
}

type Two = {
  readonly reference: readonly ReferenceLabel[];
  readonly rows: readonly LabelFinding[];
};

function compared(of: Compared, { reference, rows }: Two): AgreementRow[] {
  const said = new Map(rows.map((row) => [nameOf(row), row.label ?? NO_LABEL]));
  const pairs = reference.flatMap((one) => {
    const other = said.get(nameOf(one));
    return other === undefined ? [] : { reference: one.label ?? NO_LABEL, other };
  });
  const confusion = confusionOf(pairs, [...labelsOf(of.measure), NO_LABEL]);
  const { labels, counts } = confusion;
  const only_reference = reference.length - pairs.length;
  const cells = counts.flatMap((row, i) =>
    row.map((count, j) => ({
      ...{ row: "confusion" as const, ...of },
      reference_label: labels[i] ?? NO_LABEL,
      model_label: labels[j] ?? NO_LABEL,
      count,
    })),
  );
  return [
    { row: "kappa", ...of, ...kappaOf(confusion), only_reference },
    ...byLabel(confusion).map(({ label, reference: given, other: model_said, ...rest }) => ({
      ...{ row: "label" as const, ...of, label, reference: given, model_said, ...rest },
    })),
    ...cells.filter(({ count }) => count > 0),
  ];
}

function nameOf({ attempt_key, subject }: Pick<LabelFinding, "attempt_key" | "subject">): string {
  return `${attempt_key} ${subject}`;
}
