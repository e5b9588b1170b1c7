// Owns which work of a study is already done, decided by content: patches, trees, images, tests.
import type { Ledger } from "../../db/ledger.ts";
import type { DerivedPolicy, Policy } from "../../db/schema.ts";
import { WIDTHS } from "../config/widths.ts";
import { DEFAULT_POLICY, DERIVED_POLICIES } from "../core/vocabulary.ts";
import { type AfterEvent, merged } from "../engine/after.ts";
import { look } from "../engine/done.ts";
import { attemptLooks, mergeLooks, verdictLooks } from "../engine/done-checks.ts";
import { sandboxesOf } from "../engine/places.ts";
import { type StoredVerdicts, toldVerdict, verdictOf } from "../eval/planned.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { taskFinder } from "../select/task-files.ts";
import type { FlowArm, FlowEvent, FlowStudy, FlowTarget } from "./flow-plan.ts";

export type DoneOptions = {
  readonly study: FlowStudy;
  readonly arms: readonly FlowArm[];
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly dataset_dir: string;
};
type Around = DoneOptions & { readonly backend: Backend; readonly force?: boolean | undefined };

/** What is merged or judged already, and current. */
export async function finishedUnits(
  options: Around,
  target: "merge" | "eval",
): Promise<ReadonlyMap<string, AfterEvent>> {
  const keys = options.arms.flatMap(({ attempts }) =>
    attempts.flatMap(({ key, done }) => (done ? key : [])),
  );
  const plan = laterPlan(options);
  const { ledger, backend } = options;
  const events = new Map<string, AfterEvent>();
  if (target === "merge") {
    const stage = mergeLooks({ ...plan, ledger, baseOf: backend.baseAtHand });
    for (const [index, found] of (await look(stage, keys, undefined)).entries()) {
      const key = keys[index] ?? "";
      if (found.kind === "done")
        events.set(key, { step: "merge", unit: { key, ...merged(found.stored), fresh: false } });
    }
    return events;
  }
  const stage = verdictLooks({ ...plan, ledger });
  for (const [index, found] of (await look(stage, keys, undefined)).entries()) {
    const key = keys[index] ?? "";
    if (found.kind === "done")
      events.set(key, { step: "eval", unit: judgedUnit(key, found.stored, plan.policies) });
  }
  return events;
}

function judgedUnit(key: string, stored: StoredVerdicts, policies: readonly DerivedPolicy[]) {
  return { key, ...verdictOf(toldVerdict(stored, policies)), fresh: false };
}

/** The policies of a study that Tandem's own evaluation decides; eras are judged separately. */
function derivedOf(policies: readonly Policy[]): DerivedPolicy[] {
  const derived = DERIVED_POLICIES.filter((policy) => policies.includes(policy));
  return derived.length === 0 ? [DEFAULT_POLICY] : derived;
}

/** What merging and judging a study's attempts is told. */
export function laterPlan({ arms, ledger, log_dir, dataset_dir, study, backend, force }: Around) {
  return {
    ...{ log_dir, backend, force: force ?? false },
    taskOf: taskFinder(ledger, dataset_dir, arms[0]?.edition),
    timeout_ms: study.evaluation.timeout_ms,
    premerge: study.evaluation.premerge,
    policies: derivedOf(study.evaluation.policies),
    suites: study.concurrency.suites ?? navigator.hardwareConcurrency,
    concurrency: WIDTHS.eval,
    git: WIDTHS.merge,
  };
}

/** Every attempt's last stage when nothing is left to do for the target; undefined when something is. */
export async function allDone(
  options: DoneOptions,
  target: FlowTarget,
): Promise<readonly FlowEvent[] | undefined> {
  const { arms, ledger, dataset_dir } = options;
  const attempts = options.arms.flatMap((arm) => arm.attempts);
  const sources = {
    ledger,
    taskOf: taskFinder(ledger, dataset_dir, arms[0]?.edition),
    redo_changed: true,
  };
  const looks = await look(
    attemptLooks(() => sources),
    attempts,
    undefined,
  );
  const runs = looks.flatMap((found): FlowEvent[] => {
    if (found.kind !== "done") return [];
    const { key, outcome } = found.stored;
    return [{ step: "run", unit: { key, outcome, fresh: false } }];
  });
  if (runs.length < attempts.length) return undefined;
  if (target === "run") return runs;
  const backend = await sandboxesOf(options, options.study.sandbox);
  const finished = await finishedUnits({ ...options, backend }, target);
  return finished.size < attempts.length ? undefined : [...finished.values()];
}
