// Owns the stage `check`: proving a task's own parts, one feature and one kind of check at a time.

import type { Check, CheckRow, FeatureRow, SuiteMark } from "../../db/schema.ts";
import type { Fault } from "../core/fault.ts";
import { featureKey } from "../core/keys.ts";
import { CHECKS } from "../core/vocabulary.ts";
import { suitesElsewhere } from "../errands/suite.ts";
import { type Checker, type CheckSubject, hasCombined, openChecker } from "../eval/check.ts";
import type { CheckFinding } from "../eval/check-finding.ts";
import { holdsFor } from "../eval/limits.ts";
import type { SuiteCounts, TesterOptions, TreeUnderTest } from "../eval/results.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import type { Engine } from "./engine.ts";
import { openLine } from "./line.ts";
import { eachInput, eachJob, type Stage } from "./stage.ts";
import type { Counts } from "./tally.ts";

export type CheckPlan = Omit<TesterOptions, "ledger" | "signal"> & {
  readonly tasks: readonly { readonly task: TaskFiles; readonly features: readonly FeatureRow[] }[];
  /** Times each suite is run; differing outcomes make it flaky. */
  readonly repeat: number;
  readonly on_unit: (finding: Finding) => void;
  readonly on_start?: ((counts: () => Counts, suites: () => SuiteCounts) => void) | undefined;
};
export type Finding =
  | (Pick<CheckRow, "kind" | "good" | "unknown" | "flaky" | "cause" | "outcomes"> & {
      readonly key: string;
      /** What accompanies its suite's outcome. */
      readonly marks: readonly SuiteMark[];
      readonly fresh: boolean;
    })
  | { readonly key: string; readonly kind: Check; readonly fault: Fault };

type Inputs = { readonly subject: TreeUnderTest; readonly suite_key: string };

function checkStage(
  { ledger, signal }: Pick<Engine, "ledger" | "signal">,
  plan: CheckPlan,
  checker: Checker,
): Stage<CheckSubject, Inputs, CheckRow, CheckFinding> {
  const { backend, repeat } = plan;
  const limits = { timeout_ms: plan.timeout_ms, ...backend.limits };
  const holds = (suite_key: string) => {
    const suite = ledger.scores.suite(suite_key);
    return suite !== undefined && holdsFor(suite, limits);
  };
  return {
    name: "check",
    about: ({ feature, kind }) => ({
      ...{ unit: `${featureKey(feature)} ${kind}`, run: "", try: 1 },
      ...{ repo: feature.repo, task_id: feature.task_id, features: [feature.feature_id] },
    }),
    inputs: eachInput(checker.subject),
    stored: (units) =>
      units.map(({ task: { task_hash }, feature, kind }) =>
        ledger.checks.find({ ...feature, task_hash, kind, backend: backend.name }),
      ),
    current: (row, { suite_key }) =>
      row.suite_key === suite_key && row.outcomes.length >= repeat && holds(suite_key),
    made_at: ({ checked_at }) => checked_at,
    work: eachJob(async ({ unit }) => await checker.test(unit)),
    async store({ unit: { task, feature, kind }, inputs, held }, finding) {
      const { repo, task_id, feature_id } = feature;
      const row: CheckRow = {
        ...{ repo, task_id, feature_id, kind, ...finding, backend: backend.name },
        environment: (await backend.environment(task)) ?? "",
        task_hash: task.task_hash,
        suite_key: inputs.suite_key,
        checked_at: new Date().toISOString(),
      };
      const lease = { unit: held.unit.unit, ...held.holder };
      await patiently(() => ledger.checks.put([row], lease), signal);
      return row;
    },
  };
}

/** Checks every feature of the tasks and stores what it finds. Faults do not stop the others. Returns how many are left. */
export async function checkDataset(engine: Engine, plan: CheckPlan): Promise<number> {
  const { ledger, signal } = engine;
  const elsewhere = suitesElsewhere(engine.place.send, plan.backend);
  const checker = openChecker({ ...plan, ledger, signal, elsewhere });
  const line = openLine({
    engine,
    stage: checkStage(engine, plan, checker),
    width: plan.suites,
    force: plan.force,
    on_unit({ feature, kind }, ended) {
      const key = featureKey(feature);
      if ("fault" in ended) return plan.on_unit({ key, kind, fault: ended.fault });
      const { good, unknown, flaky, cause, outcomes, suite_key } = ended.stored;
      const marks = ledger.scores.suite(suite_key)?.marks ?? [];
      const found = { good, unknown, flaky, cause, outcomes, marks };
      plan.on_unit({ key, kind, ...found, fresh: ended.fresh });
    },
  });
  plan.on_start?.(line.counts, checker.counts);
  line.push(...plan.tasks.flatMap((task) => unitsOf(task)));
  line.close();
  return (await line.done).length;
}

function unitsOf({ task, features }: CheckPlan["tasks"][number]): CheckSubject[] {
  const kinds = CHECKS.filter((kind) => kind !== "combined" || hasCombined(task));
  return features.flatMap((feature) => kinds.map((kind) => ({ task, features, feature, kind })));
}
