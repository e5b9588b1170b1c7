// Owns the part `splits`: passes by path, failures by where they began, and what has no verdict.
import { ATTEMPTS, RUN, rate, text } from "../columns.ts";
import { scopeOf } from "../context.ts";
import { splitLines } from "../measures/splits.ts";
import type { Part } from "../part.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "splits",
  label: "Passes by path, failures by where they began, and what has no verdict",
  summary: "share is of all the run's attempts, share_of_verdict of those with the same verdict.",
  by: ["run", "verdict", "kind"],
  columns: {
    ...RUN,
    verdict: text("`passed`, `failed` or `no verdict`"),
    kind: text("path of a pass, where a failure began, `fault` or `pending`"),
    share: rate("share of the run's attempts"),
    share_of_verdict: rate("share of the run's attempts with the same verdict"),
    ...ATTEMPTS,
  },
  source: [SOURCES.outcomes, SOURCES.causes],
  rows: (context) => splitLines(context.ledger, { ...scopeOf(context), policy: context.policy }),
};
