// Owns the lines on difficulty: areas and retention, and the curves they come from, of the ledger's runs and of published tables.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { PublishedRow } from "../../db/schema.ts";
import { text } from "./columns.ts";
import { type PartContext, perContext } from "./context.ts";
import { acrossEditions } from "./editions.ts";
import type { ReportLine } from "./line.ts";
import { pairOfRow } from "./report.ts";
import {
  type CurveRow,
  pairDifficulties,
  type Retention,
  type RetentionReport,
  type RetentionSet,
  retentionReport,
} from "./stats/index.ts";

type Published = Pick<PublishedRow, "source" | "pair_key" | "model" | "setting" | "passed">;
/** Curves of one source of outcomes; `source` is `runs` for the ledger's. */
export type Curves = { readonly source: string; readonly report: RetentionReport };

/** The ledger's runs with a model, and every published table; nothing if no model has solo outcomes. */
export function curvesOf(rows: readonly OutcomeRow[], published: readonly Published[]): Curves[] {
  const own = curveRows(rows);
  const tables = [...Map.groupBy(published, ({ source }) => source)].map(([source, table]) => ({
    source,
    rows: table.map((row) => ({ ...row, fault: false })),
  }));
  return [{ source: "runs", rows: own }, ...tables]
    .map(({ source, rows: of }) => ({ source, report: retentionReport(of) }))
    .filter(({ report }) => report.models.length > 0);
}

/** Difficulty in [0, 1] of the pairs that every model with solo runs has scored, by pair. */
export function difficultyOfPairs(rows: readonly OutcomeRow[]): Map<string, number> {
  return pairDifficulties(curveRows(rows));
}

function curveRows(rows: readonly OutcomeRow[]): CurveRow[] {
  return rows.flatMap((row) => {
    if (row.model === null) return [];
    const { passed, setting, agent } = row;
    const fault = row.fault !== null;
    return [{ pair_key: pairOfRow(row), model: `${agent}, ${row.model}`, setting, passed, fault }];
  });
}

/** Why a ledger has no curve. */
export const NO_CURVE =
  "no run of a model has scored solo attempts, and no table of published outcomes has";
/** Columns that say which curves a row is of. */
export const SOURCE_OF_CURVES = {
  source: text("where outcomes come from: `runs`, or the name of a published table"),
  version: text("whose solo runs make difficulty: `plain` all, `leave-one-out` the other models'"),
};

/**
 * The curves of a report, with a sentence for every two runs that are compared across editions. Difficulty comes from
 * all runs of models at once: every two of them are compared. Throws UsageError if editions differ, unless that is
 * allowed.
 */
export const contextCurves = perContext((context: PartContext) => {
  const { ledger, rows, across_editions: across = false } = context;
  const runs = [...new Set(rows.flatMap(({ run, model }) => (model === null ? [] : run)))];
  const couples = runs.flatMap((a, at) => runs.slice(at + 1).map((b) => [a, b] as const));
  const notes = acrossEditions(ledger, { rows, couples, across });
  return { notes, curves: curvesOf(rows, ledger.pages.published()) };
});

/** One line per model and version, all models together last; areas are null below two buckets. */
export function difficultyLines(curves: readonly Curves[]): ReportLine[] {
  return curves.flatMap(({ source, report }) =>
    retentions(report).map(({ version, circular, of }) => ({
      ...{ source, version, model: of.model ?? "all", circular },
      pairs: of.pairs,
      dropped: report.dropped,
      auc_solo: of.auc_solo,
      auc_coop: of.auc_coop,
      retention: of.retention,
    })),
  );
}

/** One line per bucket with tries, of every model, version and setting. */
export function curveLines(curves: readonly Curves[]): ReportLine[] {
  return curves.flatMap(({ source, report }) =>
    retentions(report).flatMap(({ version, of }) =>
      (["solo", "coop"] as const).flatMap((setting) =>
        of[setting].map(({ midpoint, ...point }) => ({
          ...{ source, version, model: of.model ?? "all", setting, difficulty: midpoint },
          ...point,
        })),
      ),
    ),
  );
}

function retentions({ plain, leave_one_out }: RetentionReport) {
  const of = (version: string, set: RetentionSet) =>
    [...set.models, set.pooled].map((one: Retention) => ({
      version,
      circular: set.circular,
      of: one,
    }));
  return [
    ...of("plain", plain),
    ...(leave_one_out === null ? [] : of("leave-one-out", leave_one_out)),
  ];
}
