import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../lib/core/testing.ts";
import { memoryLedger } from "../ledger.fixture.ts";
import { openLedger } from "../ledger.ts";
import { fill } from "./filled.fixture.ts";

type Row = Record<string, unknown>;
/** Columns in order, the number of rows, and the fields of some rows by position. */
type Answer = {
  readonly columns: string;
  readonly rows: number;
  readonly some: Record<number, Row>;
};

const pair = (features: string) => `alpha_task/task1/features_${features}`;

const ANSWERS: Record<string, Answer> = {
  "conflict-rate-by-repo": {
    columns: "run repo merged conflicts conflict_percent apply_failed empty",
    rows: 1,
    some: {
      0: { run: "coop-a", repo: "alpha_task", merged: 3, conflicts: 2, conflict_percent: 66.7 },
    },
  },
  "coop-against-solo": {
    columns:
      "coop_run solo_run agent model attempts both_passed only_coop_passed only_solo_passed neither_passed coop_percent solo_percent gap_points",
    rows: 1,
    some: {
      0: {
        solo_run: "solo-a",
        attempts: 4,
        both_passed: 1,
        only_coop_passed: 1,
        only_solo_passed: 2,
        neither_passed: 0,
        coop_percent: 50,
        solo_percent: 75,
        gap_points: 25,
      },
    },
  },
  "costliest-pairs": {
    columns: "pair_key attempts runs known_cost_usd unpriced_agents input_tokens output_tokens",
    rows: 3,
    some: {
      0: { pair_key: pair("1_3"), attempts: 6, runs: 4, known_cost_usd: 1.75, unpriced_agents: 1 },
      2: { pair_key: pair("1_2"), known_cost_usd: 1, unpriced_agents: 0, input_tokens: 600 },
    },
  },
  "failing-commands": {
    columns: "run program calls failed timed_out seconds",
    rows: 1,
    some: { 0: { run: "coop-a", program: "git", calls: 2, failed: 1, timed_out: 0, seconds: 0.2 } },
  },
  "failing-tests": {
    columns: "run repo task_id feature_id test attempts",
    rows: 1,
    some: { 0: { run: "coop-a", feature_id: 2, test: "test_two", attempts: 1 } },
  },
  "files-both-touch": {
    columns: "attempt_key path agents added removed merge_status",
    rows: 1,
    some: {
      0: { path: "both.py", agents: 2, added: 2, removed: 2, merge_status: "conflicts" },
    },
  },
  "first-messages": {
    columns: "attempt_key messages unread first_sender first_sent_step talked_first merge_status",
    rows: 6,
    some: {
      0: { attempt_key: `coop-a/${pair("1_2")}`, messages: 2, unread: 1, talked_first: 1 },
      1: { attempt_key: `coop-a/${pair("2_3")}`, first_sent_step: 3, talked_first: 0 },
      2: {
        attempt_key: `coop-a/${pair("1_3")}`,
        messages: 0,
        talked_first: null,
        merge_status: "clean",
      },
    },
  },
  "gold-ceiling": {
    columns:
      "run agent model attempts gold_merged gold_conflict_percent conflict_percent conflict_avoided conflict_added gold_union_clean_percent pass_percent",
    rows: 2,
    some: {
      0: {
        run: "coop-a",
        attempts: 4,
        gold_conflict_percent: 75,
        conflict_percent: 66.7,
        conflict_avoided: 1,
        conflict_added: 1,
        gold_union_clean_percent: 75,
        pass_percent: 50,
      },
      1: { run: "coop-gold", conflict_percent: null, conflict_avoided: 0, pass_percent: null },
    },
  },
  "hardest-pairs": {
    columns: "repo task_id features difficulty models attempts",
    rows: 3,
    some: {
      0: { features: "1,2", difficulty: 1, models: 2, attempts: 2 },
      1: { features: "2,3", difficulty: 0.5 },
      2: { features: "1,3", difficulty: 0, attempts: 3 },
    },
  },
  "limits-reached": {
    columns:
      "attempt_key agent_id outcome limit_reached patch_source patch_bytes steps cost_usd wall_s",
    rows: 1,
    some: { 0: { agent_id: "agent1", limit_reached: "steps", patch_source: "work tree" } },
  },
  "open-faults": {
    columns: "unit step code message hint last_happened_at times",
    rows: 1,
    some: { 0: { code: "no_image", message: "still no image", hint: "start it again", times: 2 } },
  },
  "outcomes-by-run": {
    columns: "run policy outcome attempts percent",
    rows: 14,
    some: {
      0: { run: "coop-a", policy: "naive", outcome: "conflict", attempts: 2, percent: 50 },
      3: { run: "coop-a", policy: "union", outcome: "passed", attempts: 2, percent: 50 },
    },
  },
  "pairs-by-run": {
    columns: "pair_key repo task_id features runs coop-a coop-gold idle solo-a solo-b",
    rows: 4,
    some: {
      0: { pair_key: pair("1_2"), "coop-a": 1, "coop-gold": null, idle: null, "solo-a": 0 },
      1: { pair_key: pair("1_3"), "coop-a": 0.5, "solo-a": 1, "solo-b": 1 },
      3: { repo: "beta_task", features: "4,7", runs: '{"coop-a":null}', "coop-a": null },
    },
  },
  "pairs-never-run": {
    columns: "pair_key source open_faults",
    rows: 1,
    some: { 0: { pair_key: "beta_task/task0/features_4_7", open_faults: 2 } },
  },
  "pass-rate-by-run": {
    columns:
      "run setting agent model pairs passed scored pass_percent low_percent high_percent faults pending",
    rows: 4,
    some: {
      0: {
        run: "solo-a",
        passed: 3,
        scored: 4,
        pass_percent: 75,
        low_percent: 30.1,
        high_percent: 95.4,
      },
      1: {
        run: "coop-a",
        pairs: 5,
        passed: 2,
        scored: 4,
        low_percent: 15,
        high_percent: 85,
        faults: 1,
      },
      3: { run: "coop-gold", scored: 0, pass_percent: null, pending: 2 },
    },
  },
  "passes-by-path": {
    columns: "run setting path passed percent",
    rows: 4,
    some: {
      0: { path: "clean", passed: 1, percent: 50 },
      2: { run: "solo-a", path: "solo", passed: 3 },
    },
  },
  "policy-differences": {
    columns: "attempt_key naive_outcome union_outcome union_path",
    rows: 1,
    some: {
      0: { attempt_key: `coop-a/${pair("1_2")}`, naive_outcome: "conflict", union_path: "union" },
    },
  },
  "shared-patches": {
    columns: "patch size_bytes attempts runs an_attempt another",
    rows: 1,
    some: {
      0: { size_bytes: 23, attempts: 2, runs: 1, another: `coop-gold/${pair("1_3")}` },
    },
  },
  "slowest-attempts": {
    columns: "attempt_key wall_s model_s waited_s exec_s steps outcome",
    rows: 13,
    some: {
      0: { attempt_key: `coop-a/${pair("2_3")}`, wall_s: 9, outcome: "limit reached" },
      1: { attempt_key: `coop-a/${pair("1_2")}`, wall_s: 5, model_s: 0.4, exec_s: 0.3, steps: 4 },
    },
  },
  "slowest-suites": {
    columns:
      "repo task_id feature_id runs_of_suite mean_s longest_s passed failed timed_out no_tests",
    rows: 2,
    some: {
      0: { feature_id: 2, mean_s: 60, failed: 1, timed_out: 2 },
      1: { feature_id: 1, mean_s: 2, passed: 3 },
    },
  },
  "steps-by-agent": {
    columns:
      "run agent_id attempts steps steps_an_attempt mean_model_ms mean_exec_ms mean_input_tokens mean_output_tokens steps_with_failed_command steps_with_message",
    rows: 6,
    some: {
      0: {
        agent_id: "agent1",
        attempts: 4,
        steps: 5,
        mean_exec_ms: 100,
        steps_with_failed_command: 1,
      },
      1: {
        agent_id: "agent2",
        attempts: 3,
        steps: 2,
        steps_with_failed_command: 0,
        steps_with_message: 1,
      },
      2: { run: "coop-gold", steps: 0, mean_model_ms: null },
    },
  },
  "subset-progress": {
    columns: "subset run pairs finished scored",
    rows: 5,
    some: {
      0: { run: "coop-a", pairs: 2, finished: 1, scored: 1 },
      1: { run: "coop-gold", finished: 1, scored: 0 },
      2: { run: "idle", finished: 0, scored: 0 },
    },
  },
  "verdicts-by-policy": {
    columns: "run policy attempts passed percent only_first_fails only_second_fails",
    rows: 6,
    some: {
      0: { run: "coop-a", policy: "naive", attempts: 4, passed: 1, percent: 25 },
      1: { policy: "union", passed: 2, percent: 50, only_first_fails: 0, only_second_fails: 1 },
    },
  },
};

const files = readdirSync(import.meta.dir).filter((name) => name.endsWith(".sql"));
const textOf = (name: string) => readFileSync(join(import.meta.dir, `${name}.sql`), "utf8");

test("every query has its answer here, and every answer its query", () => {
  expect(files.sort()).toEqual(
    Object.keys(ANSWERS)
      .map((name) => `${name}.sql`)
      .sort(),
  );
});

describe.each(Object.entries(ANSWERS))("%s", (name, answer) => {
  test("starts with the question, in one line, and is one statement", () => {
    const [question = "", ...rest] = textOf(name).split("\n");
    expect(question).toMatch(/^-- [A-Z].*\?/);
    expect(rest.join("\n").match(/;/g)).toEqual([";"]);
  });

  test("answers it", () => {
    using ledger = memoryLedger();
    fill(ledger);
    const rows = ledger.query(textOf(name));
    expect(Object.keys(rows[0] ?? {}).join(" ")).toBe(answer.columns);
    expect(rows.length).toBe(answer.rows);
    for (const [position, fields] of Object.entries(answer.some))
      expect(rows[Number(position)]).toMatchObject(fields);
  });

  test("has no row, and no error, on a new ledger", () => {
    using ledger = memoryLedger();
    expect(ledger.query(textOf(name))).toEqual([]);
  });
});

describeWith("sqlite3", "the sqlite3 program", () => {
  test("gives the same answers", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "ledger.sqlite");
    using ledger = openLedger(path);
    fill(ledger);
    for (const name of Object.keys(ANSWERS)) {
      const child = Bun.spawnSync(["sqlite3", "-json", path], { stdin: Buffer.from(textOf(name)) });
      expect(child.stderr.toString()).toBe("");
      expect(JSON.parse(child.stdout.toString())).toEqual(ledger.query(textOf(name)));
    }
  });
});
