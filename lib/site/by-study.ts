// Owns the order of runs on the overview: those of a study together, in it solo, then coop, of one agent and model, gold last.
import type { RunRow } from "../../db/schema.ts";

const KINDS = ["solo", "coop", "gold"] as const;
type Ordered = {
  readonly name: string;
  readonly run: Pick<RunRow, "agent" | "model">;
  readonly kind: (typeof KINDS)[number];
};
/** Runs of a study, or of none: then the title is undefined. */
export type RunGroup<Run> = { readonly title: string | undefined; readonly runs: readonly Run[] };

/**
 * Studies come in the order of their first runs, and before runs of none; agents and models come in the order of their
 * first runs too.
 */
export function byStudy<Run extends Ordered>(
  runs: readonly Run[],
  studyOf: (run: Run) => string | undefined,
): RunGroup<Run>[] {
  const found = [...Map.groupBy(runs, studyOf)].map(([title, own]) => ({
    title,
    runs: ordered(own),
  }));
  return found.sort((a, b) => Number(a.title === undefined) - Number(b.title === undefined));
}

function ordered<Run extends Ordered>(runs: readonly Run[]): Run[] {
  const alike = [...Map.groupBy(runs, whoOf).values()];
  const sorted = alike.map((own) =>
    own.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
  );
  const isGold = (own: readonly Run[]) => own[0]?.kind === "gold";
  return [...sorted.filter((own) => !isGold(own)), ...sorted.filter(isGold)].flat();
}

function whoOf({ run, kind }: Ordered): string {
  return kind === "gold" ? kind : JSON.stringify([run.agent, run.model]);
}
