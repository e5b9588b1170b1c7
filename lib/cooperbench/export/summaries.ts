// Owns the files of a run as a whole in the released form: config.json, summary.json and eval_summary.json.
import type { Attempt } from "../../../db/attempts.ts";
import type { Ledger } from "../../../db/ledger.ts";
import type { RunRow } from "../../../db/schema.ts";
import { addUp, type Sum } from "../../core/money.ts";
import { RUN_FILES, type RunFile } from "../forms.ts";
import { asRecord } from "../read/result.ts";
import { costFields, zoned } from "./released.ts";

export type Summed = {
  readonly ledger: Ledger;
  readonly run: RunRow;
  /** The run's name in the export: later tries have their own names. */
  readonly name: string;
  readonly attempts: readonly Attempt[];
};

/**
 * The run's files: as they were imported, else made from the ledger. pass_rate there is passed / (passed + failed);
 * what has no verdict is an error.
 */
export function runFiles(summed: Summed): Record<RunFile, unknown> {
  const kept = asRecord(asRecord(summed.run.config.imported).files);
  const made = {
    "config.json": () => configOf(summed),
    "summary.json": () => summaryOf(summed),
    "eval_summary.json": () => evalSummaryOf(summed),
  };
  const entries = RUN_FILES.map((name) => [name, kept[name] ?? made[name]()] as const);
  return Object.fromEntries(entries) as Record<RunFile, unknown>;
}

function configOf({ run, name, attempts }: Summed) {
  return {
    run_name: name,
    agent_framework: run.agent,
    model: run.model,
    setting: run.setting,
    total_tasks: attempts.length,
    started_at: zoned(run.created_at),
  };
}

/** `go_chi_task/26/1,2`. */
function taskName({ repo, task_id, features }: Attempt): string {
  return `${repo}/${task_id}/${features.join(",")}`;
}

function costOf({ agents }: Attempt): Sum {
  return addUp(agents.map(({ cost_usd }) => cost_usd));
}

function summaryOf({ ledger, run, name, attempts }: Summed) {
  const failed = attempts.length === 0 ? [] : brokenUnits(ledger, run, attempts);
  const begun = attempts.map(({ started_at }) => Date.parse(started_at));
  const ended = attempts.map(({ ended_at }) => Date.parse(ended_at));
  const last = attempts
    .map(({ ended_at }) => ended_at)
    .sort()
    .at(-1);
  return {
    run_name: name,
    completed_at: last === undefined ? null : zoned(last),
    total_tasks: attempts.length + failed.length,
    completed: attempts.length,
    skipped: 0,
    failed: failed.length,
    ...costFields("total_cost", addUp(attempts.map(costOf))),
    total_time_seconds: last === undefined ? 0 : (Math.max(...ended) - Math.min(...begun)) / 1000,
    results: [
      ...attempts.map((attempt) => ({
        task: taskName(attempt),
        status: "done",
        ...costFields("cost", costOf(attempt)),
      })),
      ...failed,
    ],
  };
}

/** Units of the same tries that a fault prevented. */
function brokenUnits(ledger: Ledger, run: RunRow, attempts: readonly Attempt[]) {
  const done = new Set(attempts.map(({ attempt_key }) => attempt_key));
  return ledger.outcomes
    .rows("union", [run.run])
    .filter((row) => row.fault !== null && row.try === attempts[0]?.try)
    .filter(({ attempt_key }) => !done.has(attempt_key) && !ledger.attempts.has(attempt_key))
    .map(({ repo, task_id, features, fault }) => ({
      task: `${repo}/${task_id}/${features}`,
      status: "error",
      error: fault,
    }));
}

function evalSummaryOf({ ledger, run, name, attempts }: Summed) {
  const scores = ledger.scores.byAttempt("union", [run.run]);
  const theirs = new Map(
    ledger.imported.verdicts([run.run]).map((row) => [row.attempt_key, row.passed]),
  );
  const results = attempts.map((attempt) => {
    const { attempt_key } = attempt;
    const passed = theirs.get(attempt_key) ?? scores.get(attempt_key)?.passed;
    const status = passed === undefined ? "error" : passed ? "pass" : "fail";
    return { run: taskName(attempt), status };
  });
  const count = (wanted: string) => results.filter(({ status }) => status === wanted).length;
  const [passed, failed] = [count("pass"), count("fail")];
  const times = attempts.flatMap(({ attempt_key }) => scores.get(attempt_key)?.scored_at ?? []);
  const last = times.sort().at(-1);
  return {
    run_name: name,
    evaluated_at: last === undefined ? null : zoned(last),
    total_runs: attempts.length,
    passed,
    failed,
    errors: count("error"),
    skipped: 0,
    pass_rate: passed / Math.max(passed + failed, 1),
    results,
  };
}
