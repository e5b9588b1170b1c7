// Owns the content of a report: rows of outcomes in, rates by run, repository and task, outcomes and paths out. Pure.

import type { OutcomeRow } from "../../db/outcomes.ts";
import type { CheckRow, Policy } from "../../db/schema.ts";
import { isGold } from "../core/gold.ts";
import { pairKey } from "../core/keys.ts";
import { addUp } from "../core/money.ts";
import { checkLines } from "./check-lines.ts";
import type { ReportLine } from "./line.ts";
import { type ConflictRate, conflictRate, passRate } from "./rate.ts";
import type { TryRow } from "./stats/pairs.ts";

export type Report = {
  readonly policy: Policy;
  readonly runs: readonly ReportLine[];
  readonly outcomes: readonly ReportLine[];
  readonly paths: readonly ReportLine[];
  readonly causes: readonly ReportLine[];
  readonly repos: readonly ReportLine[];
  readonly tasks: readonly ReportLine[];
  readonly checks: readonly ReportLine[];
};
/** Whether merged gold patches passed, by pair and then by the version of its task (null where it is not known). */
export type GoldVerdicts = ReadonlyMap<string, ReadonlyMap<string | null, boolean>>;

export type ReportInput = {
  readonly rows: readonly OutcomeRow[];
  readonly policy: Policy;
  /** Verdicts on merged gold patches under the same policy, by pair and version of its task: the ceiling of coop. */
  readonly gold: GoldVerdicts;
  readonly checks: readonly CheckRow[];
};

type PairOfRow = Pick<OutcomeRow, "repo" | "task_id" | "features">;
/** Every table asks for the same keys again, for some ten thousand rows. */
const pairKeys = new WeakMap<PairOfRow, string>();

/** The key of the pair a row belongs to. */
export function pairOfRow(row: PairOfRow): string {
  const known = pairKeys.get(row);
  if (known !== undefined) return known;
  const { repo, task_id, features } = row;
  const key = pairKey({ repo, task_id, features: features.split(",").map(Number) });
  pairKeys.set(row, key);
  return key;
}

/** A row in the statistics' form. */
export function tryRow(row: OutcomeRow): TryRow {
  const { passed, fault, task_id, repo } = row;
  return { passed, fault: fault !== null, task: task_id, repo, pair_key: pairOfRow(row) };
}

/** Verdicts of the agent `gold` by pair and version of its task; what passed in any of its runs passes. */
export function goldVerdicts(rows: readonly OutcomeRow[]): GoldVerdicts {
  const verdicts = new Map<string, Map<string | null, boolean>>();
  for (const row of rows)
    if (isGold(row) && row.passed !== null && row.fault === null) {
      const versions = verdicts.get(pairOfRow(row)) ?? new Map<string | null, boolean>();
      versions.set(row.task_hash, row.passed || versions.get(row.task_hash) === true);
      verdicts.set(pairOfRow(row), versions);
    }
  return verdicts;
}

/** Everything a report shows, under one policy. Rates are null where nothing was scored. */
export function makeReport(input: ReportInput): Report {
  const { rows, policy } = input;
  const runs = runGroups(rows);
  return {
    policy,
    runs: runLines(runs, input.gold),
    outcomes: outcomeLines(runs),
    paths: pathLines(runs),
    causes: causeLines(runs),
    repos: repoLines(rows, input.gold),
    tasks: taskLines(rows, input.gold),
    checks: checkLines(input.checks, rows),
  };
}

/** Rows by run, in their order. */
export function runGroups(rows: readonly OutcomeRow[]): Group[] {
  return groups(rows, ({ run, setting }) => ({ run, setting }));
}

/** One line per run: rates, merges, what it cost. */
export function runLines(runs: readonly Group[], gold: GoldVerdicts): ReportLine[] {
  return runs.map((group) => ({
    ...group.labels,
    ...about(group.rows),
    ...rateLine(group, gold),
    ...effort(group.rows),
  }));
}

/** One line per run and repository. */
export function repoLines(rows: readonly OutcomeRow[], gold: GoldVerdicts): ReportLine[] {
  const by = groups(rows, ({ run, setting, repo }) => ({ run, setting, repo }));
  return by.map((group) => rateLine(group, gold));
}

/** One line per run and task. */
export function taskLines(rows: readonly OutcomeRow[], gold: GoldVerdicts): ReportLine[] {
  const labelsOf = ({ run, setting, repo, task_id: task }: OutcomeRow) => ({
    ...{ run, setting, repo, task },
  });
  return groups(rows, labelsOf).map((group) => rateLine(group, gold));
}

/** A repository's name without the ending that all of them have. */
export function shortRepo(repo: unknown): string {
  return String(repo).replace(/_task$/, "");
}

/** How attempts ended, as shares of those that are scored. */
export function outcomeLines(runs: readonly Group[]): ReportLine[] {
  return runs.flatMap(({ labels, rows }) => shares(rows, labels, "outcome"));
}

/** How passes came about, as shares of the passes. */
export function pathLines(runs: readonly Group[]): ReportLine[] {
  return runs.flatMap(({ labels, rows }) => {
    const passed = rows.filter((row) => row.passed);
    return shares(passed, labels, "path");
  });
}

/** Where failures began, as shares of the failures. */
export function causeLines(runs: readonly Group[]): ReportLine[] {
  return runs.flatMap(({ labels, rows }) => {
    const failed = rows.filter((row) => row.passed === false);
    return shares(failed, labels, "cause");
  });
}

function rateLine({ labels, rows }: Group, gold: GoldVerdicts) {
  return { ...labels, ...rates(rows), ...merging(rows), ...ceiling(rows, gold) };
}

/**
 * The pass rate of merged gold patches on the same coop pairs, each on the version of its task that it was tried on; null
 * without a gold verdict on each of them.
 */
function ceiling(rows: readonly OutcomeRow[], gold: GoldVerdicts): { gold_ceiling: number | null } {
  const coop = Map.groupBy(
    rows.filter(({ setting }) => setting === "coop"),
    pairOfRow,
  );
  const tried = [...coop].flatMap(([pair, own]) => {
    const known = new Set(own.flatMap(({ task_hash }) => task_hash ?? []));
    const versions = gold.get(pair);
    if (known.size > 0) return [...known].map((version) => versions?.get(version));
    // No version is known for what only met faults: the only existing one is assumed.
    return [versions?.size === 1 ? [...versions.values()][0] : undefined];
  });
  const verdicts = tried.filter((passed) => passed !== undefined);
  if (tried.length === 0 || verdicts.length < tried.length) return { gold_ceiling: null };
  return { gold_ceiling: verdicts.filter((passed) => passed).length / tried.length };
}

export type Labels = Record<string, string | number>;
export type Group = { readonly labels: Labels; readonly rows: readonly OutcomeRow[] };

/** Rows by labels, in the order in which these first occur. */
export function groups(
  rows: readonly OutcomeRow[],
  labelsOf: (row: OutcomeRow) => Labels,
): Group[] {
  const byLabel = Map.groupBy(rows, (row) => JSON.stringify(labelsOf(row)));
  return [...byLabel.values()].flatMap((own) =>
    own[0] ? [{ labels: labelsOf(own[0]), rows: own }] : [],
  );
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
    rate_if_faults_fail: rate.rate_if_faults_fail,
    rate_if_faults_pass: rate.rate_if_faults_pass,
  };
}

/** A solo agent has nothing to merge: the rate is unknown, whatever its merge is called. */
export function conflictsOf(rows: readonly OutcomeRow[]): ConflictRate {
  const merged = rows.filter(({ setting }) => setting !== "solo");
  return conflictRate(merged.map(({ merge_status }) => merge_status));
}

/** Conflicts among merges; what was not merged has columns of its own. */
function merging(rows: readonly OutcomeRow[]) {
  const { conflicts, merged, rate } = conflictsOf(rows);
  const count = (status: OutcomeRow["merge_status"]) =>
    rows.filter((row) => row.merge_status === status).length;
  return {
    conflicts: merged === 0 ? null : conflicts,
    conflict_rate: rate,
    apply_failed: count("apply_failed"),
    empty: count("empty"),
  };
}

/** What finished attempts used, whatever happened to their evaluation: sums of what is known, null where nothing is. */
function effort(rows: readonly OutcomeRow[]) {
  const done = rows.filter(isAttempt);
  return {
    ...costOf(rows),
    steps: addUp(done.map((row) => row.steps)).known,
    ...budgets(rows),
    messages: addUp(done.map((row) => row.messages)).known,
  };
}

/** US dollars of the agents whose cost is known, null where none is; and in how many attempts a cost is unknown. */
export function costOf(rows: readonly OutcomeRow[]) {
  const done = rows.filter(isAttempt);
  const parts = done.map(({ known_usd, cost_usd }) => ({
    ...{ known: known_usd, unknown: cost_usd === null ? 1 : 0 },
  }));
  const { known, unknown } = addUp(parts);
  return { cost_usd: known, cost_unknown: unknown };
}

/** Every attempt took some time; what a fault prevented took none. */
function isAttempt({ wall_ms }: OutcomeRow): boolean {
  return wall_ms !== null;
}

/** Steps that an agent may take, and all agents of an attempt together: solo has one agent's for every feature. */
function budgets(rows: readonly OutcomeRow[]) {
  const only = <T>(values: readonly T[]) => (new Set(values).size === 1 ? values[0] : null);
  const each = only(rows.map((row) => row.max_steps)) ?? null;
  const agents = only(
    rows.map((row) => (row.setting === "solo" ? 1 : row.features.split(",").length)),
  );
  return {
    max_steps_per_agent: each,
    max_steps_per_attempt: each === null || !agents ? null : each * agents,
  };
}

function shares(rows: readonly OutcomeRow[], labels: Labels, column: "outcome" | "path" | "cause") {
  const told = rows.filter((row) => row[column] !== null);
  const byValue = Map.groupBy(told, (row) => row[column] ?? "");
  return [...byValue]
    .map(([value, own]) => ({
      ...labels,
      [column]: value,
      pairs: own.length,
      share: own.length / rows.length,
    }))
    .sort((a, b) => b.pairs - a.pairs);
}
