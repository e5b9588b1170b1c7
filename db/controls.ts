// Owns what people asked of work under way: one row per request, never changed but by who obeys it first.
import { and, asc, inArray, isNull, sql } from "drizzle-orm";
import { immediate } from "./power.ts";
import { type ControlRow, controls } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** A request, before it is stored. */
export type Request = Pick<ControlRow, "scope" | "name" | "verb" | "asked_by"> &
  Partial<Pick<ControlRow, "unit" | "concurrency">>;

export function controlStore(db: Tables) {
  return {
    /** Keeps requests, all or none. Returns them as they are stored. */
    ask: (requests: readonly Request[]): ControlRow[] =>
      immediate(db, (tx) => {
        const at = new Date().toISOString();
        return requests.map((one) =>
          tx
            .insert(controls)
            .values({ ...one, at })
            .returning()
            .get(),
        );
      }),
    /** Everything that was ever asked, in order. */
    all: (): ControlRow[] => db.select().from(controls).orderBy(asc(controls.id)).all(),
    /** The number of the last request; 0 when there is none. */
    last: (): number =>
      db
        .select({ id: sql<number>`coalesce(max(${controls.id}), 0)` })
        .from(controls)
        .get()?.id ?? 0,
    /** A process obeys these requests; of two the first is remembered. */
    applied(ids: readonly number[], owner: string): void {
      db.update(controls)
        .set({ applied_at: new Date().toISOString(), applied_by: owner })
        .where(and(inArray(controls.id, [...ids]), isNull(controls.applied_at)))
        .run();
    },
  };
}
