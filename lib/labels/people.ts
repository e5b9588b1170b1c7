// Owns the labels that people gave in the ledger, as a reference for a model's.
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import type { HumanLabel } from "./human.ts";
import { NO_LABEL } from "./taxonomy.ts";

/** Instead of a file of labels: everybody's annotations, or `annotations:NAME` for one person's. */
const ANNOTATIONS = "annotations";

export function isAnnotations(against: string): boolean {
  return against === ANNOTATIONS || against.startsWith(`${ANNOTATIONS}:`);
}

/**
 * One label per measure and thing that was labelled. Throws UsageError for a person who said nothing, and where two people
 * say different things of one: only one of them can be the reference.
 */
export function annotatedLabels(
  ledger: Pick<Ledger, "annotations">,
  against: string,
): HumanLabel[] {
  const all = ledger.annotations.all();
  const person = against.slice(ANNOTATIONS.length + 1);
  const people = [...new Set(all.map(({ annotated_by }) => annotated_by))];
  if (person !== "" && !people.includes(person))
    throw new UsageError(unknownName("annotator", person, people));
  const labels = all.flatMap(({ attempt_key, subject, measure, label, annotated_by }) =>
    measure === null || (person !== "" && annotated_by !== person)
      ? []
      : { attempt_key, subject, measure, label, annotated_by },
  );
  const things = Map.groupBy(labels, (one) => `${one.attempt_key} ${one.measure} ${one.subject}`);
  return [...things.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const other = others.find(({ label }) => label !== first.label);
    if (other === undefined) return first;
    const said = [first, other].map((one) => `${one.annotated_by}: ${one.label ?? NO_LABEL}`);
    throw new UsageError(
      `${first.attempt_key}, ${first.measure} of ${first.subject}: people differ (${said.join("; ")}): compare with one of them, --agreement ${ANNOTATIONS}:${first.annotated_by}`,
    );
  });
}
