// Owns what a report says about outcomes that others published as a table: rates and conflict rates by table, setting and model.
import type { PublishedRow } from "../../db/schema.ts";
import { parsePairKey } from "../core/keys.ts";
import { boundsOf } from "./intervals.ts";
import type { ReportLine } from "./line.ts";
import { conflictRate } from "./rate.ts";
import { armRates, clusteredInterval, PROPORTION } from "./stats/index.ts";

export type PublishedOutcome = Pick<
  PublishedRow,
  "source" | "pair_key" | "model" | "setting" | "passed" | "has_conflict"
>;

/**
 * One line per table, setting and model, in this order: the pass rate over all its pairs, and how many of those whose
 * merge is reported conflict, each with Wilson's interval and one clustered by task. Solo merges nothing: its conflicts
 * are null.
 */
export async function publishedLines(rows: readonly PublishedOutcome[]): Promise<ReportLine[]> {
  const groups = Map.groupBy(rows, ({ source, setting, model }) =>
    JSON.stringify([source, setting, model]),
  );
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return await Promise.all(
    sorted.map(async ([, own]): Promise<ReportLine> => {
      const [first] = own;
      const { source = null, setting = null, model = null } = first ?? {};
      const placed = own.map((row) => ({ ...row, ...placeOf(row) }));
      const rate = await armRates(placed.map((row) => ({ ...row, fault: false })));
      return {
        ...{ source, setting, model, pairs: rate.pairs, passed: rate.passed, pass_rate: rate.rate },
        ...boundsOf("by_task", rate.by_task),
        ...boundsOf("by_repo", rate.by_repo),
        ...{ wilson_low: rate.wilson_low, wilson_high: rate.wilson_high },
        ...(await conflicts(setting === "solo" ? [] : placed, setting === "solo")),
      };
    }),
  );
}

type Placed = PublishedOutcome & ReturnType<typeof placeOf>;

function placeOf({ pair_key }: PublishedOutcome) {
  const { repo, task_id } = parsePairKey(pair_key);
  return { repo, task: task_id };
}

async function conflicts(rows: readonly Placed[], solo: boolean) {
  const told = rows.filter(({ has_conflict }) => has_conflict !== null);
  const { conflicts: conflicting, ...of } = conflictRate(
    told.map(({ has_conflict }) => (has_conflict === true ? "conflicts" : "clean")),
  );
  const clustered = await clusteredInterval(
    told.map(({ has_conflict, repo, task }) => ({
      value: has_conflict === true ? 1 : 0,
      cluster: `${repo} ${task}`,
    })),
    { range: PROPORTION },
  );
  return {
    conflicts: solo || told.length === 0 ? null : conflicting,
    merged: solo || told.length === 0 ? null : told.length,
    conflict_rate: of.rate,
    ...boundsOf("conflict_by_task", clustered),
    conflict_wilson_low: of.low,
    conflict_wilson_high: of.high,
  };
}
