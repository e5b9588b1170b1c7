// Owns the verdict on one attempt: which trees it needs tested, its scores under every policy, and eval.json.
import { join } from "node:path";
import type { ArtefactChange } from "../../db/artefacts.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { MergeRow, SideRow, Strategy, SuiteResultRow, Tested } from "../../db/schema.ts";
import { artefactsOf } from "../artefacts.ts";
import { writeJson } from "../files.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import type { Held } from "../work/work.ts";
import { type Score, score, type TestedSuites, treesToTest } from "./policy.ts";
import type { Tester } from "./results.ts";

/** The policies that derive from one evaluation. */
export const DERIVED = ["naive", "union", "agent1"] as const;
type DerivedPolicy = (typeof DERIVED)[number];

export type Attempt = ReturnType<Ledger["attempts"]["select"]>[number];
/** An attempt that is merged on its task's real base. */
export type MergedAttempt = {
  readonly attempt: Attempt;
  readonly merges: Readonly<Record<Strategy, MergeRow>>;
  readonly sides: readonly SideRow[];
  readonly task: TaskFiles;
  readonly inputs_hash: string;
};
export type VerdictOptions = {
  readonly ledger: Ledger;
  readonly tester: Tester;
  readonly log_dir: string;
  /** Also tests each agent's patch alone with its own suite. */
  readonly premerge: boolean;
  /** The caller's hold on the attempt, ended with its verdict. */
  readonly held: Held;
  readonly signal: AbortSignal;
};

const EVAL_FILE = "eval.json";

type Done = { readonly owner: string; readonly artefacts: ArtefactChange };
type Wanted = {
  readonly tested: Tested;
  readonly feature_id: number;
  readonly tree: string;
  readonly diff: string;
};
type Result = Wanted & { readonly result: SuiteResultRow };

/** Tests what the attempt needs, stores its verdicts under every policy and writes eval.json. Returns them by policy. */
export async function judgeAttempt(
  unit: MergedAttempt,
  options: VerdictOptions,
): Promise<Record<DerivedPolicy, Score>> {
  const { ledger, tester, log_dir } = options;
  const { attempt, task } = unit;
  const label = attempt.attempt_key;
  const results: Result[] = await Promise.all(
    wantedTrees(unit, options.premerge).map(async (wanted) => ({
      ...wanted,
      result: await tester.test({ task, label, ...wanted }),
    })),
  );
  const setting = ledger.runs.find(attempt.run)?.setting ?? "coop";
  const scoreUnder = (policy: DerivedPolicy) =>
    score({
      policy,
      setting,
      agents: attempt.agents.map(({ outcome }) => outcome),
      naive: unit.merges.naive.status,
      identical: new Set(unit.sides.map(({ tree }) => tree)).size === 1 && unit.sides.length > 1,
      suites: outcomesByTree(results),
    });
  const verdicts = {
    naive: scoreUnder("naive"),
    union: scoreUnder("union"),
    agent1: scoreUnder("agent1"),
  };
  const folder = join(log_dir, attempt.attempt_key);
  writeJson(join(folder, EVAL_FILE), evalJson(unit, verdicts, results));
  const artefacts = { rows: await artefactsOf(folder, [EVAL_FILE]), only: [EVAL_FILE] };
  const done = { owner: options.held.owner, artefacts };
  await patiently(() => store(ledger, unit, { verdicts, results, done }), options.signal);
  return verdicts;
}

/** Every tree and suite that a verdict rests on. Equal trees are tested once whoever asks. */
function wantedTrees({ attempt, merges, sides }: MergedAttempt, premerge: boolean): Wanted[] {
  const [first] = sides;
  const trees = {
    naive: merges.naive,
    union: merges.union,
    agent1: { tree: sides.length > 1 ? (first?.tree ?? null) : null, diff: first?.patch ?? null },
  };
  const plan = treesToTest({
    naive: trees.naive.tree,
    union: trees.union.tree,
    agent1: trees.agent1.tree,
  });
  const onMerges = merges.naive.status === "apply_failed" ? [] : plan;
  const merged = onMerges.flatMap((tested) =>
    attempt.features.flatMap((feature_id) => wanted(tested, feature_id, trees[tested])),
  );
  const alone = sides.length > 1 && premerge ? sides : [];
  return [
    ...merged,
    ...alone
      .filter(({ status }) => status === "applied")
      .flatMap((side) =>
        side.features.flatMap((feature_id) =>
          wanted("alone", feature_id, { tree: side.tree, diff: side.patch }),
        ),
      ),
  ];
}

function wanted(
  tested: Tested,
  feature_id: number,
  on: { tree: string | null; diff: string | null },
): Wanted[] {
  return on.tree === null || on.diff === null
    ? []
    : [{ tested, feature_id, tree: on.tree, diff: on.diff }];
}

function outcomesByTree(results: readonly Result[]): TestedSuites {
  const grouped = Map.groupBy(results, ({ tested }) => tested);
  return Object.fromEntries(
    [...grouped].map(([tested, own]) => [tested, own.map(({ result }) => result.outcome)]),
  );
}

type Judged = {
  readonly verdicts: Readonly<Record<DerivedPolicy, Score>>;
  readonly results: readonly Result[];
};

function store(
  ledger: Ledger,
  { attempt, inputs_hash }: MergedAttempt,
  { verdicts, results, done }: Judged & { readonly done: Done },
): void {
  const { attempt_key } = attempt;
  const scored_at = new Date().toISOString();
  ledger.scores.put(
    attempt_key,
    DERIVED.map((policy) => ({ attempt_key, policy, inputs_hash, scored_at, ...verdicts[policy] })),
    results.map(({ tested, feature_id, result }) => ({
      attempt_key,
      tested,
      feature_id,
      suite_key: result.suite_key,
    })),
    done,
  );
}

function evalJson(unit: MergedAttempt, verdicts: Judged["verdicts"], results: readonly Result[]) {
  const { attempt, merges, sides } = unit;
  const { attempt_key, repo, task_id, features } = attempt;
  return {
    key: attempt_key,
    repo,
    task_id,
    features,
    merge: { naive: merges.naive.status, union: merges.union.status, base: merges.naive.base_kind },
    policies: verdicts,
    suites: results.map(({ tested, feature_id, result }) => ({
      tested,
      feature_id,
      outcome: result.outcome,
      exit_code: result.exit_code,
      passed: result.passed,
      failed: result.failed,
      skipped: result.skipped,
      errors: result.errors,
      left_out: sides.flatMap(({ agent_id, left_out }) =>
        left_out.map((file) => ({ agent_id, ...file })),
      ),
      marked: sides.flatMap(({ agent_id, marked }) =>
        marked.map((file) => ({ agent_id, ...file })),
      ),
      tree: result.tree,
      environment: result.environment,
      suite_key: result.suite_key,
      output_sha256: result.output,
      duration_ms: result.duration_ms,
      tested_at: result.tested_at,
    })),
  };
}
