// Owns the links between attempts: the one before and after in its run, and the same pair in other runs and tries.
import type { OutcomeRow } from "../../db/outcomes.ts";
import { pairOfRow } from "../report/report.ts";

export type Neighbours = {
  readonly row: OutcomeRow;
  readonly previous: OutcomeRow | undefined;
  readonly next: OutcomeRow | undefined;
  /** The same pair elsewhere, this attempt included. */
  readonly same: readonly OutcomeRow[];
};

/** For every attempt, by its key; rows come by run. */
export function neighboursOf(rows: readonly OutcomeRow[]): Map<string, Neighbours> {
  const byPair = Map.groupBy(rows, pairOfRow);
  const byRun = Map.groupBy(rows, ({ run }) => run);
  return new Map(
    [...byRun.values()].flatMap((own) =>
      own.map(
        (row, at) =>
          [
            row.attempt_key,
            {
              row,
              previous: own[at - 1],
              next: own[at + 1],
              same: byPair.get(pairOfRow(row)) ?? [row],
            },
          ] as const,
      ),
    ),
  );
}
