// Owns the verdict on one attempt: which trees it needs tested, its scores under every policy, and eval.json.
import type { Attempt } from "../../db/attempts.ts";

import type { Holder } from "../../db/holding.ts";
import type { Ledger } from "../../db/ledger.ts";
import type {
  DerivedPolicy,
  MergeRow,
  SideRow,
  Strategy,
  SuiteResultRow,
  Tested,
} from "../../db/schema.ts";
import type { ArtefactChange } from "../core/artefacts.ts";
import { putOwnFiles } from "../core/artefacts.ts";
import { jsonText } from "../core/files.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import { DERIVED_RULES } from "./policies/registry.ts";
import type { Tree } from "./policies/types.ts";
import { decidedPolicies, type Score, score, type TestedSuites, treesToTest } from "./policy.ts";
import type { Tester } from "./results.ts";

/** An attempt that is merged on its task's real base. */
export type MergedAttempt = {
  readonly attempt: Attempt;
  readonly merges: Readonly<Record<Strategy, MergeRow>>;
  readonly sides: readonly SideRow[];
  readonly task: TaskFiles;
  readonly inputs_hash: string;
};

const EVAL_FILE = "eval.json";

type Wanted = {
  readonly tested: Tested;
  readonly feature_id: number;
  readonly tree: string;
  readonly diff: string;
};
type Result = Wanted & { readonly result: SuiteResultRow };
/** An attempt's scores by policy, with the suites that they rest on. */
export type Judgement = {
  readonly verdicts: { readonly [policy in DerivedPolicy]?: Score };
  readonly results: readonly Result[];
};

export type JudgeOptions = {
  readonly ledger: Ledger;
  readonly tester: Tester;
  /** Tests each agent's patch alone too, with its own suite. */
  readonly premerge: boolean;
  /** Policies that are asked for; what would decide only others is not tested. */
  readonly policies: readonly DerivedPolicy[];
  /** Ends the wait for suites, and those that nobody else waits for. */
  readonly signal: AbortSignal;
};

/** Tests what the attempt needs, and scores it under every policy that this decides. Throws Faults. */
export async function judgeAttempt(unit: MergedAttempt, options: JudgeOptions): Promise<Judgement> {
  const { ledger, tester, policies, signal } = options;
  const { attempt, task } = unit;
  const label = attempt.attempt_key;
  const results: Result[] = await Promise.all(
    wantedTrees(unit, options).map(async (wanted) => ({
      ...wanted,
      result: await tester.test({ task, label, ...wanted }, signal),
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
  const decided = decidedPolicies(treesOf(unit).ids, policies);
  const verdicts = decided.map((policy) => [policy, scoreUnder(policy)] as const);
  return { verdicts: Object.fromEntries(verdicts), results };
}

export type StoreOptions = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly holder: Holder;
  readonly signal: AbortSignal;
};

/** Writes eval.json, stores the scores under every policy and ends the attempt's lease. Throws Fault `lease_lost`. */
export async function storeJudgement(
  unit: MergedAttempt,
  judgement: Judgement,
  { ledger, log_dir, holder, signal }: StoreOptions,
): Promise<void> {
  const { attempt_key } = unit.attempt;
  const text = jsonText(evalJson(unit, judgement, ledger.marks.comparing()));
  const artefacts = await putOwnFiles({ ledger, log_dir, attempt_key }, { [EVAL_FILE]: text });
  await patiently(() => putScores(ledger, unit, judgement, { holder, artefacts }), signal);
}

/** Every tree and suite that a verdict rests on. Equal trees are tested once whoever asks. */
function wantedTrees(
  unit: MergedAttempt,
  { premerge, policies }: Pick<JudgeOptions, "premerge" | "policies">,
): Wanted[] {
  const { attempt, sides } = unit;
  const { trees, ids } = treesOf(unit);
  const merged = treesToTest(ids, policies).flatMap((tested) =>
    attempt.features.flatMap((feature_id) => wantedSuites(tested, feature_id, trees[tested])),
  );
  const alone = sides.length > 1 && premerge ? sides : [];
  return [
    ...merged,
    ...alone
      .filter(({ status }) => status === "applied")
      .flatMap((side) =>
        side.features.flatMap((feature_id) =>
          wantedSuites("alone", feature_id, { tree: side.tree, diff: side.patch }),
        ),
      ),
  ];
}

/** The trees that policies may ask for; if a patch does not apply there is none. */
function treesOf({ merges, sides }: MergedAttempt) {
  const [first] = sides;
  const none = { tree: null, diff: null };
  const first_alone =
    first === undefined || sides.length === 1 ? none : { ...first, diff: first.patch };
  const treeOf = (policy: DerivedPolicy): Tree =>
    merges.naive.status === "apply_failed"
      ? none
      : DERIVED_RULES[policy].tree({ ...merges, first_alone });
  const trees = byPolicy(treeOf);
  return { trees, ids: byPolicy((policy) => trees[policy].tree) };
}

function byPolicy<Value>(made: (policy: DerivedPolicy) => Value): Record<DerivedPolicy, Value> {
  const entries = DERIVED_POLICIES.map((policy) => [policy, made(policy)] as const);
  return Object.fromEntries(entries) as Record<DerivedPolicy, Value>;
}

function wantedSuites(tested: Tested, feature_id: number, on: Tree): Wanted[] {
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

function putScores(
  ledger: Ledger,
  { attempt, inputs_hash }: MergedAttempt,
  { verdicts, results }: Judgement,
  done: { readonly holder: Holder; readonly artefacts: ArtefactChange },
): void {
  const { attempt_key } = attempt;
  const scored_at = new Date().toISOString();
  ledger.scores.put(
    attempt_key,
    DERIVED_POLICIES.flatMap((policy) => {
      const verdict = verdicts[policy];
      return verdict ? [{ attempt_key, policy, inputs_hash, scored_at, ...verdict }] : [];
    }),
    results.map(({ tested, feature_id, result }) => ({
      attempt_key,
      tested,
      feature_id,
      suite_key: result.suite_key,
    })),
    done,
  );
}

function evalJson(
  { attempt, merges, sides }: MergedAttempt,
  { verdicts, results }: Judgement,
  compared: ReturnType<Ledger["marks"]["comparing"]>,
) {
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
      marks: [...result.marks, ...compared({ ...result, feature_id })],
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
