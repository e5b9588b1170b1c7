// Owns what a report says: rows of outcomes in, rates by run, repository and task, outcomes and paths out. Pure.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { passRate } from "./rate.ts";

export type Report = {
  readonly policy: Policy;
  readonly runs: readonly Record<string, string | number | null>[];
  readonly outcomes: readonly Record<string, string | number | null>[];
  readonly paths: readonly Record<string, string | number | null>[];
  readonly repos: readonly Record<string, string | number | null>[];
  readonly tasks: readonly Record<string, string | number | null>[];
};

/** Everything a report shows, under one policy. Rates are null where nothing was scored. */
export function makeReport(rows: readonly OutcomeRow[], policy: Policy): Report {
  const runs = groups(rows, (row) => ({ run: row.run, setting: row.setting }));
  return {
    policy,
    runs: runs.map(({ labels, rows: own }) => ({
      ...labels,
      ...about(own),
      ...rates(own),
      ...merging(own),
      ...effort(own),
    })),
    outcomes: runs.flatMap(({ labels, rows: own }) => shares(own, labels, "outcome")),
    paths: runs.flatMap(({ labels, rows: own }) =>
      shares(
        own.filter((row) => row.passed),
        labels,
        "path",
      ),
    ),
    repos: groups(rows, (row) => ({ run: row.run, setting: row.setting, repo: row.repo })).map(
      line,
    ),
    tasks: groups(rows, (row) => ({
      run: row.run,
      setting: row.setting,
      repo: row.repo,
      task: row.task_id,
    })).map(line),
  };
}

type Labels = Record<string, string | number>;
type Group = { readonly labels: Labels; readonly rows: readonly OutcomeRow[] };

function groups(rows: readonly OutcomeRow[], labelsOf: (row: OutcomeRow) => Labels): Group[] {
  const byLabel = Map.groupBy(rows, (row) => JSON.stringify(labelsOf(row)));
  return [...byLabel.values()].flatMap((own) =>
    own[0] ? [{ labels: labelsOf(own[0]), rows: own }] : [],
  );
}

function line({ labels, rows }: Group) {
  return { ...labels, ...rates(rows), ...merging(rows) };
}

function about(rows: readonly OutcomeRow[]) {
  return { agent: rows[0]?.agent ?? null, model: rows[0]?.model ?? null };
}

function rates(rows: readonly OutcomeRow[]) {
  const rate = passRate(rows.map((row) => ({ passed: row.passed, fault: row.fault !== null })));
  return {
    pairs: rows.length,
    passed: rate.passed,
    pass_rate: rate.rate,
    wilson_low: rate.wilson_low,
    wilson_high: rate.wilson_high,
    pending: rate.pending,
    faults: rate.faults,
  };
}

/** Conflict rate = naive conflicts / pairs whose patches all apply and are not empty; the others have columns of their own. */
function merging(rows: readonly OutcomeRow[]) {
  const count = (status: OutcomeRow["merge_status"]) =>
    rows.filter((row) => row.merge_status === status).length;
  const [clean, conflicts] = [count("clean"), count("conflicts")];
  return {
    conflicts,
    conflict_rate: clean + conflicts === 0 ? null : conflicts / (clean + conflicts),
    apply_failed: count("apply_failed"),
    empty: count("empty"),
  };
}

function effort(rows: readonly OutcomeRow[]) {
  const done = rows.filter((row) => row.fault === null);
  const priced = done.every((row) => row.cost_usd !== null);
  const sum = (of: (row: OutcomeRow) => number | null) =>
    done.reduce((total, row) => total + (of(row) ?? 0), 0);
  return {
    cost_usd: priced ? sum((row) => row.cost_usd) : null,
    steps: sum((row) => row.steps),
    messages: sum((row) => row.messages),
  };
}

function shares(rows: readonly OutcomeRow[], labels: Labels, column: "outcome" | "path") {
  const byValue = Map.groupBy(
    rows.filter((row) => row[column] !== null),
    (row) => row[column] ?? "",
  );
  return [...byValue]
    .map(([value, own]) => ({
      ...labels,
      [column]: value,
      pairs: own.length,
      share: own.length / rows.length,
    }))
    .sort((a, b) => b.pairs - a.pairs);
}
