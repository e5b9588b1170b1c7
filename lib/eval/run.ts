// Owns evaluating many attempts: what still needs a verdict, merged on real bases first, then judged side by side.
import { setTimeout as sleep } from "node:timers/promises";
import { asFault, Fault } from "../fault.ts";
import { parseAttemptKey, taskKey } from "../keys.ts";
import { type MergePlan, mergeRuns } from "../merge/run.ts";
import { eachOf } from "../pool.ts";
import { recordFault } from "../record-fault.ts";
import type { Backend, Base, TaskFiles } from "../sandbox/sandbox.ts";
import { patiently } from "../work/patience.ts";
import { openQueue, type Visit } from "../work/queue.ts";
import { type Retries, retryAfter } from "../work/retries.ts";
import type { Work } from "../work/work.ts";
import { plannedEvaluations, type Verdict, verdictInputs, verdictOf } from "./planned.ts";
import { openTester, type Tester } from "./results.ts";
import { type Attempt, judgeAttempt, type MergedAttempt } from "./verdict.ts";

export type EvalPlan = Omit<MergePlan, "baseOf" | "onDone" | "work"> & {
  readonly work: Work;
  readonly retries: Retries;
  /** Tests trees for several calls, each once; a call's own when absent. */
  readonly tester?: Tester | undefined;
  readonly backend: Backend;
  readonly timeout_ms: number;
  /** Suites at a time, over all attempts. */
  readonly suites: number;
  readonly premerge: boolean;
  readonly onDone: (unit: EvalUnit) => void;
};
export type EvalUnit =
  | (Verdict & { readonly key: string; readonly fresh: boolean })
  | { readonly key: string; readonly fault: Fault };

/**
 * Evaluates what has no verdict on its present merge; merges on the real base come first, where they are missing. What
 * another process holds is waited for.
 */
export async function evaluateRuns(plan: EvalPlan): Promise<void> {
  const units = await plannedEvaluations(plan);
  for (const { attempt, done } of units)
    if (done) plan.onDone({ key: attempt.attempt_key, ...done, fresh: false });
  const missing = units.filter(({ done }) => done === undefined).map(({ attempt }) => attempt);
  const byTask = [...Map.groupBy(missing, taskKey).values()];
  const judge = { tester: plan.tester ?? openTester(plan), began: new Date().toISOString() };
  const stop = plan.drain ? AbortSignal.any([plan.signal, plan.drain]) : plan.signal;
  const { concurrency } = plan;
  // Attempts of one task share its image: tasks are taken one after the other, as wide as -c allows.
  await eachOf(byTask, { concurrency, signal: stop }, async (attempts) => {
    const ready = await mergeOnRealBase(plan, attempts);
    const tries = new Map<string, number>();
    const visit = (unit: MergedAttempt) => judgeOne(plan, unit, { ...judge, tries });
    const queue = openQueue({ concurrency, stop, visit });
    for (const unit of ready) queue.push(unit);
    queue.close();
    await queue.done;
  });
}

type Judging = {
  readonly tester: Tester;
  readonly began: string;
  readonly tries: Map<string, number>;
};

/** How long another look at somebody else's attempt can wait. */
const HELD_MS = 500;

async function judgeOne(plan: EvalPlan, unit: MergedAttempt, judging: Judging): Promise<Visit> {
  const { ledger, work, signal } = plan;
  const { attempt_key: key, run } = unit.attempt;
  const known = () => {
    const row = ledger.scores.of(key, "union");
    const old = plan.force && (row?.scored_at ?? "") < judging.began;
    return row !== undefined && row.inputs_hash === unit.inputs_hash && !old ? row : undefined;
  };
  const asked = { unit: key, step: "eval", run } as const;
  const claim = await patiently(
    () => work.claim([asked], () => known() !== undefined)[0] ?? "held",
    signal,
  );
  const row = claim === "done" ? known() : undefined;
  if (row) plan.onDone({ key, ...verdictOf(row), fresh: false });
  if (claim === "done") return "settled";
  if (claim === "held") return { later_ms: HELD_MS };
  using held = claim;
  held.progress = () => ({ doing: "testing", cost_usd: 0, tokens: 0, agents: [] });
  try {
    const verdicts = await judgeAttempt(unit, { ...plan, tester: judging.tester, held });
    plan.onDone({ key, policy: "union", ...verdicts.union, fresh: true });
    return "settled";
  } catch (error) {
    if (signal.aborted) return "left";
    const fault = asFault(error);
    if (fault.code === "lease_lost") return { later_ms: HELD_MS };
    const times = (judging.tries.get(key) ?? 0) + 1;
    judging.tries.set(key, times);
    await keepFault(plan, key, fault);
    await patiently(held.fail, signal);
    const again = retryAfter(fault, times, plan.retries);
    if (again !== undefined) return { later_ms: again };
    plan.onDone({ key, fault });
    return "settled";
  }
}

/** Attempts of one task merged on its real tree; those whose task or merge met a fault are reported and left out. */
async function mergeOnRealBase(
  plan: EvalPlan,
  attempts: readonly Attempt[],
): Promise<MergedAttempt[]> {
  const [first] = attempts;
  if (!first) return [];
  const task = plan.taskOf(first.pair_key);
  const base = await baseOf(plan, task, attempts);
  if (base === undefined) return [];
  const broken = new Set<string>();
  await mergeRuns({
    ...plan,
    drain: undefined,
    force: false,
    filter: { keys: attempts.map(({ attempt_key }) => attempt_key) },
    baseOf: async (): Promise<Base> => base,
    onDone(unit) {
      if (!("fault" in unit)) return;
      broken.add(unit.key);
      plan.onDone(unit);
    },
  });
  const environment = await plan.backend.environment(task);
  const whole = attempts.filter(({ attempt_key }) => !broken.has(attempt_key));
  return withMerges(plan, whole, { task, environment });
}

/** The real base of these attempts' task, asked for again while a fault may pass; each try's fault is kept. */
async function baseOf(
  plan: EvalPlan,
  task: TaskFiles,
  attempts: readonly Attempt[],
): Promise<Base | undefined> {
  for (let tries = 1; ; tries++) {
    const base = await plan.backend.base(task, plan.signal).catch(asFault);
    if (!(base instanceof Fault)) return base;
    if (plan.signal.aborted) return undefined;
    for (const { attempt_key } of attempts) await keepFault(plan, attempt_key, base);
    const again = plan.drain?.aborted ? undefined : retryAfter(base, tries, plan.retries);
    if (again === undefined) {
      for (const { attempt_key: key } of attempts) plan.onDone({ key, fault: base });
      return undefined;
    }
    await sleep(again, undefined, { signal: plan.signal }).catch(() => undefined);
  }
}

async function keepFault(
  { ledger, signal }: Pick<EvalPlan, "ledger" | "signal">,
  key: string,
  fault: Fault,
): Promise<void> {
  const met = { attempt: parseAttemptKey(key), step: "eval", fault } as const;
  await patiently(() => recordFault(ledger, met), signal);
}

function withMerges(
  plan: EvalPlan,
  attempts: readonly Attempt[],
  { task, environment }: { task: TaskFiles; environment: string | undefined },
): MergedAttempt[] {
  return attempts.flatMap((attempt) => {
    const found = plan.ledger.merges.of(attempt.attempt_key);
    const naive = found.find(({ strategy }) => strategy === "naive");
    const union = found.find(({ strategy }) => strategy === "union");
    const inputs_hash = verdictInputs(naive, environment, plan.premerge);
    if (!naive || !union || inputs_hash === undefined) return [];
    const sides = plan.ledger.merges.sides(attempt.attempt_key);
    return [{ attempt, merges: { naive, union }, sides, task, inputs_hash }];
  });
}
