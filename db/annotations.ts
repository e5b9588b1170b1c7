// Owns what people say about attempts and messages: labels and notes, one row each.
import { and, asc, eq, getTableColumns, inArray } from "drizzle-orm";
import { Fault } from "../lib/core/fault.ts";
import { type AnnotationRow, annotations, attempts, messages } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** An annotation before it is stored. */
export type Annotation = Omit<AnnotationRow, "id" | "annotated_at">;

export function annotationStore(db: Tables) {
  return {
    /**
     * Stores what a person says. Their label of the same thing under the same measure takes the place of their earlier one;
     * notes are added. Throws Fault `lease_lost` when there is no finished attempt with this key.
     */
    put: (one: Annotation): AnnotationRow =>
      db.transaction(
        (tx) => {
          const { attempt_key, subject, measure, annotated_by } = one;
          const of = eq(attempts.attempt_key, attempt_key);
          if (tx.select({ key: attempts.attempt_key }).from(attempts).where(of).get() === undefined)
            throw new Fault("lease_lost", `${attempt_key} is not there: it was set aside`, {
              hint: "annotate it when it is done again",
            });
          if (measure !== null)
            tx.delete(annotations)
              .where(
                and(
                  eq(annotations.attempt_key, attempt_key),
                  eq(annotations.subject, subject),
                  eq(annotations.measure, measure),
                  eq(annotations.annotated_by, annotated_by),
                ),
              )
              .run();
          const annotated_at = new Date().toISOString();
          return tx
            .insert(annotations)
            .values({ ...one, annotated_at })
            .returning()
            .get();
        },
        { behavior: "immediate" },
      ),

    /** Takes one of a person's own back. Returns whether there was one. */
    remove: (id: number, annotated_by: string): boolean =>
      db
        .delete(annotations)
        .where(and(eq(annotations.id, id), eq(annotations.annotated_by, annotated_by)))
        .returning({ id: annotations.id })
        .all().length > 0,

    /** Those of an attempt, or of the runs named (all when undefined), in the order in which they were said. */
    of: (attempt_key: string): AnnotationRow[] =>
      db
        .select()
        .from(annotations)
        .where(eq(annotations.attempt_key, attempt_key))
        .orderBy(asc(annotations.id))
        .all(),
    all: (runs?: readonly string[]): (AnnotationRow & { run: string })[] =>
      db
        .select({ ...getTableColumns(annotations), run: attempts.run })
        .from(annotations)
        .innerJoin(attempts, eq(attempts.attempt_key, annotations.attempt_key))
        .where(runs === undefined ? undefined : inArray(attempts.run, [...runs]))
        .orderBy(asc(attempts.run), asc(annotations.attempt_key), asc(annotations.id))
        .all(),

    /** Whether the attempt has a message of this number. */
    hasMessage: (attempt_key: string, seq: number): boolean =>
      db
        .select({ seq: messages.seq })
        .from(messages)
        .where(and(eq(messages.attempt_key, attempt_key), eq(messages.seq, seq)))
        .get() !== undefined,
  };
}
