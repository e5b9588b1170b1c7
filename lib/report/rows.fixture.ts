// Owns rows of outcomes for tests of reports: sensible fields, of which a test names only those it is about.
import type { OutcomeRow } from "../../db/outcomes.ts";
import { attemptKey } from "../core/keys.ts";

type Given = Partial<OutcomeRow> & { readonly features: string };

/** A coop attempt of run `r` that passed cleanly, unless said otherwise. */
export function outcomeRow(given: Given): OutcomeRow {
  const { run = "r", repo = "x_task", task_id = 1, try: number = 1, features } = given;
  const id = { run, repo, task_id, try: number, features: features.split(",").map(Number) };
  return {
    attempt_key: attemptKey(id),
    run,
    repo,
    task_id,
    setting: "coop",
    agent: "mini",
    model: "m",
    try: number,
    merge_status: "clean",
    path: "clean",
    outcome: "passed",
    passed: true,
    cause: null,
    cost_usd: 1,
    known_usd: given.cost_usd === undefined ? 1 : given.cost_usd,
    steps: 2,
    messages: 3,
    wall_ms: 4,
    fault: null,
    task_hash: "hash",
    max_steps: 50,
    ...given,
  };
}

/**
 * A run's rows from a text a task: `1` passed, `0` failed, `x` a fault, `-` waits for its verdict; the n-th character is
 * the pair of features n and n+1.
 */
export function rowsOf(tasks: readonly string[], about: Partial<OutcomeRow>): OutcomeRow[] {
  return tasks.flatMap((text, task) =>
    [...text].map((mark, at) =>
      outcomeRow({
        features: `${at + 1},${at + 2}`,
        task_id: task + 1,
        ...about,
        passed: mark === "1" ? true : mark === "0" ? false : null,
        fault: mark === "x" ? "engine_gone" : null,
      }),
    ),
  );
}
