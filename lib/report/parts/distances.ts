// Owns the part `distances`: how closely patches are coupled.
import { RUN, SPREAD, text } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { distanceLines } from "../measures/coupling.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "distances",
  label: "How closely patches are coupled",
  summary:
    "min_hunk_distance counts untouched lines between the nearest changes of a common file; unknown without one.",
  empty: "nothing is merged",
  by: ["run", "patches", "measure"],
  columns: {
    ...RUN,
    patches: text("whose patches: `gold` for the reference patches, `agents`"),
    measure: text("what is summed up over the run's pairs of patches"),
    ...SPREAD,
  },
  source: [
    SOURCES.measures,
    { file: "lib/dataset/traits.ts", names: ["couplingOf"] },
    SOURCES.spread,
  ],
  rows: (context) => distanceLines(context.ledger, scopeOf(context)),
  slow: true,
};
