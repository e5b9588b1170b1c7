// Owns what a report says about merging: how many naive merges conflict, what kept others from it, and how large conflicts are.
import type { Ledger } from "../../../db/ledger.ts";
import type { AnatomyRow } from "../../../db/measures.ts";
import { taskKey } from "../../core/keys.ts";
import { SEVERITIES } from "../../merge/anatomy.ts";
import type { ReportLine } from "../line.ts";
import { clusteredInterval, PROPORTION, spreadOf } from "../stats/index.ts";
import { byRun, conflictColumns, type MeasureScope, shareOf, spreadColumns } from "./measure.ts";

/** What a line is about, under its run. */
export type ConflictOptions = MeasureScope & { readonly by?: "run" | "repo" | "task" };

const ANATOMY = ["sections", "lines", "files", "score"] as const;

/**
 * One line per run (or a repository or task in it): conflict rate = naive conflicts / attempts whose patches all apply
 * and are not empty, with Wilson's and the clustered interval; next to it, as shares of all attempts, `apply failed`,
 * `empty` and faults, which are never clean; conflicts by severity, and the median sections and score of one. Solo runs
 * have no line: there is nothing to merge.
 */
export async function conflictLines(
  ledger: Ledger,
  options: ConflictOptions,
): Promise<ReportLine[]> {
  const groups = groupsOf(ledger.measures.anatomies(options), options);
  return await Promise.all(
    groups.map(async ({ labels, rows: own }) => ({
      ...labels,
      attempts: own.length,
      ...conflictColumns(own),
      ...(await byTask(own)),
      ...lostColumns(own),
      ...severityColumns(own),
    })),
  );
}

/**
 * One line per run and measure: `sections` in conflict, `lines` between the markers (separator left out), `files`, and
 * score = 20 · sections + 2 · lines, each over the run's conflicts: quartiles, mean, total.
 */
export function anatomyLines(ledger: Ledger, options: ConflictOptions): ReportLine[] {
  return groupsOf(ledger.measures.anatomies(options), options).flatMap(({ labels, rows }) => {
    const conflicts = rows.filter(isConflict);
    if (conflicts.length === 0) return [];
    return ANATOMY.map(
      (measure): ReportLine => ({
        ...labels,
        measure,
        ...spreadColumns(conflicts.map((row) => row[measure])),
      }),
    );
  });
}

type Group = { readonly labels: ReportLine; readonly rows: readonly AnatomyRow[] };

function groupsOf(rows: readonly AnatomyRow[], { by = "run", ...scope }: ConflictOptions): Group[] {
  return byRun(rows, scope).flatMap(([run, own]): Group[] => {
    if (by === "run") return [{ labels: { run }, rows: own }];
    const groups = Map.groupBy(own, (row) => (by === "repo" ? row.repo : taskKey(row)));
    return [...groups.values()].flatMap((rows) => {
      const [first] = rows;
      if (first === undefined) return [];
      const { repo, task_id } = first;
      return [{ labels: { run, repo, ...(by === "task" ? { task: task_id } : {}) }, rows }];
    });
  });
}

async function byTask(rows: readonly AnatomyRow[]): Promise<ReportLine> {
  const observations = rows
    .filter(({ status }) => status === "conflicts" || status === "clean")
    .map((row) => ({ value: isConflict(row) ? 1 : 0, cluster: taskKey(row) }));
  const { low, high, reason } = await clusteredInterval(observations, { range: PROPORTION });
  return {
    conflict_by_task_low: low,
    conflict_by_task_high: high,
    conflict_by_task_reason: reason,
  };
}

/** What is neither clean nor a conflict, counted and as shares of all attempts of the line. */
function lostColumns(rows: readonly AnatomyRow[]) {
  const count = (has: (row: AnatomyRow) => boolean) => rows.filter(has).length;
  const apply_failed = count(({ status }) => status === "apply_failed");
  const empty = count(({ status }) => status === "empty");
  const faults = count(({ status, fault }) => status === null && fault === 1);
  return {
    apply_failed,
    apply_failed_share: shareOf(apply_failed, rows.length),
    empty,
    empty_share: shareOf(empty, rows.length),
    faults,
    fault_share: shareOf(faults, rows.length),
    unmerged: count(({ status, fault }) => status === null && fault === 0),
  };
}

function severityColumns(rows: readonly AnatomyRow[]): ReportLine {
  const conflicts = rows.filter(isConflict);
  const counts = SEVERITIES.filter((severity) => severity !== "none").map((severity) => [
    `${severity}_severity`,
    conflicts.filter((row) => row.severity === severity).length,
  ]);
  return {
    ...Object.fromEntries(counts),
    median_sections: spreadOf(conflicts.map(({ sections }) => sections)).median,
    median_score: spreadOf(conflicts.map(({ score }) => score)).median,
  };
}

function isConflict({ status }: AnatomyRow): boolean {
  return status === "conflicts";
}
