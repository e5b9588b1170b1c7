// Owns Tandem's verdict in the format of CooperBench's eval.json (0.0.14), from the ledger or from Tandem's eval.json.
import type { Setting } from "../../../db/schema.ts";
import { asRecord } from "../read/result.ts";
import type { Exported } from "./attempt.ts";

const DIFF_CHARACTERS = 5000;
const SIDES: Readonly<Record<string, string>> = {
  applied: "applied",
  empty: "skipped",
  failed: "failed",
};

type Suite = {
  readonly tested: string;
  readonly feature_id: number;
  readonly passed: boolean;
  readonly exit_code: number | null;
  readonly tests_passed: number;
  readonly tests_failed: number;
  readonly test_output: string;
};
type Verdict = {
  readonly passed: boolean;
  readonly naive: string | null;
  readonly suites: readonly Suite[];
  readonly sides: Readonly<Record<string, string>>;
  readonly diff: string;
  readonly evaluated_at: string | null;
};
type About = {
  readonly repo: string;
  readonly task_id: number;
  readonly features: readonly number[];
  readonly setting: Setting;
};

/** Tandem's verdict on an attempt under the policy `union`; undefined when it has none. */
export function ourEvaluation(exported: Exported): unknown {
  const { run, attempt, imported } = exported;
  const verdict = verdictOfLedger(exported) ?? verdictOfFile(imported?.files["eval.json"]);
  return verdict && evaluation({ ...attempt, setting: run.setting }, verdict);
}

function evaluation({ repo, task_id, features, setting }: About, verdict: Verdict) {
  const tested = verdict.naive === "conflicts" ? "union" : "naive";
  const coop = setting === "coop";
  const parts = features.map((feature_id, index) => {
    const suite = verdict.suites.find(
      (one) => one.feature_id === feature_id && one.tested === tested,
    );
    return [`feature${index + 1}`, featureOf(feature_id, suite, setting)];
  });
  return {
    repo,
    task_id,
    features,
    setting,
    ...(coop ? { apply_status: verdict.sides } : {}),
    merge: coop ? mergeOf(verdict) : null,
    ...Object.fromEntries(parts),
    both_passed: verdict.passed,
    error: null,
    evaluated_at: verdict.evaluated_at,
  };
}

function featureOf(feature_id: number, suite: Suite | undefined, setting: Setting) {
  const passed = suite?.passed ?? false;
  const test_output = suite?.test_output ?? "";
  if (setting === "solo") return { passed, test_output };
  return {
    feature_id,
    passed,
    exit_code: suite?.exit_code ?? null,
    tests_passed: suite?.tests_passed ?? 0,
    tests_failed: suite?.tests_failed ?? 0,
    test_output,
  };
}

/** An empty patch merges cleanly there; what does not apply is a missing input. */
function mergeOf({ naive, suites, diff }: Verdict) {
  if (naive === "apply_failed" || naive === null)
    return { status: naive === null ? "error" : "missing_input", strategy: null, diff: "" };
  if (naive !== "conflicts") return { status: "clean", strategy: "naive", diff };
  const united = suites.some(({ tested }) => tested === "union");
  return { status: "conflicts", strategy: united ? "union" : null, diff };
}

function verdictOfLedger({ ledger, attempt, verdicts }: Exported): Verdict | undefined {
  const { attempt_key } = attempt;
  const score = verdicts.scores.get(attempt_key);
  if (score === undefined) return undefined;
  const merges = verdicts.merges.get(attempt_key) ?? [];
  const naive = merges.find(({ strategy }) => strategy === "naive");
  const union = merges.find(({ strategy }) => strategy === "union");
  const hash = naive?.diff ?? union?.diff ?? undefined;
  const bytes = hash === undefined ? undefined : ledger.dataset.patchBytes([hash]).get(hash);
  const sides = ledger.merges.sides(attempt_key);
  return {
    passed: score.passed,
    naive: naive?.status ?? null,
    suites: ledger.imported.suites(attempt_key).map(({ output, ...suite }) => ({
      tested: suite.tested,
      feature_id: suite.feature_id,
      passed: suite.outcome === "passed",
      exit_code: suite.exit_code,
      tests_passed: suite.passed,
      tests_failed: suite.failed,
      test_output: Buffer.from(ledger.scores.output(output) ?? []).toString("utf8"),
    })),
    sides: Object.fromEntries(
      sides.map(({ agent_id, status }) => [agent_id, SIDES[status] ?? "unknown"]),
    ),
    diff: Buffer.from(bytes ?? [])
      .toString("utf8")
      .slice(0, DIFF_CHARACTERS),
    evaluated_at: score.scored_at,
  };
}

/** An eval.json of Tandem's, as it was imported: raw output and merged diff are not in it. */
function verdictOfFile(file: unknown): Verdict | undefined {
  const said = asRecord(file);
  const { passed } = asRecord(asRecord(said.policies).union);
  if (typeof passed !== "boolean") return undefined;
  const { naive } = asRecord(said.merge);
  const suites = (Array.isArray(said.suites) ? said.suites : []).map(asRecord);
  const times = suites.map(({ tested_at }) => String(tested_at ?? "")).sort();
  return {
    passed,
    naive: typeof naive === "string" ? naive : null,
    suites: suites.map((suite) => ({
      tested: String(suite.tested),
      feature_id: Number(suite.feature_id),
      passed: suite.outcome === "passed",
      exit_code: typeof suite.exit_code === "number" ? suite.exit_code : null,
      tests_passed: Number(suite.passed ?? 0),
      tests_failed: Number(suite.failed ?? 0),
      test_output: "",
    })),
    sides: {},
    diff: "",
    evaluated_at: times.at(-1) ?? null,
  };
}
