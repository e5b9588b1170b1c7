// Owns the stage `eval`: the hidden tests of merged attempts, and the verdict under every policy.

import { Fault } from "../core/fault.ts";
import {
  type StoredVerdicts,
  storedVerdicts,
  type VerdictInputs,
  type VerdictSources,
} from "../eval/planned.ts";
import type { Tester } from "../eval/results.ts";
import {
  type Judgement,
  judgeAttempt,
  type MergedAttempt,
  storeJudgement,
} from "../eval/verdict.ts";
import { verdictLooks } from "./done-checks.ts";
import { eachJob, type Job, type Stage } from "./stage.ts";

export type VerdictPlan = VerdictSources & {
  readonly tester: Tester;
  readonly log_dir: string;
  readonly signal: AbortSignal;
};
export type VerdictStage = Stage<string, VerdictInputs, StoredVerdicts, Judged>;
type Judged = { readonly unit: MergedAttempt; readonly judgement: Judgement };

/** Units are keys of finished attempts, merged on the real base. */
export function verdictStage(plan: VerdictPlan): VerdictStage {
  const { ledger, log_dir, signal } = plan;
  return {
    ...verdictLooks(plan),
    work: eachJob((job) => judge(plan, job)),
    async store({ unit: key, held: { holder } }, { unit, judgement }) {
      await storeJudgement(unit, judgement, { ledger, log_dir, holder, signal });
      const [stored] = storedVerdicts(ledger, [key]);
      if (stored) return stored;
      throw new Fault("internal", `${key} was judged, but is no longer in the ledger`, {
        hint: "run eval again",
      });
    },
  };
}

async function judge(
  plan: VerdictPlan,
  { inputs, held }: Job<string, VerdictInputs>,
): Promise<Judged> {
  held.progress = () => ({ doing: "testing", cost_usd: 0, tokens: 0, agents: [] });
  const unit = mergedAttempt(plan, inputs);
  return {
    unit,
    judgement: await judgeAttempt(unit, {
      ...plan,
      policies: policiesToSettle(plan, unit),
      signal: held.signal,
    }),
  };
}

/**
 * What is asked for, and what is stored already: a verdict that is still valid is not lost to a call that asks for
 * less.
 */
function policiesToSettle(
  { ledger, policies }: VerdictPlan,
  { attempt, inputs_hash }: MergedAttempt,
) {
  const [stored] = storedVerdicts(ledger, [attempt.attempt_key]);
  const standing = [...(stored ?? [])].filter(([, row]) => row.inputs_hash === inputs_hash);
  return [...new Set([...policies, ...standing.map(([policy]) => policy)])];
}

function mergedAttempt({ ledger }: VerdictPlan, inputs: VerdictInputs): MergedAttempt {
  const { attempt, task, merges, inputs_hash } = inputs;
  const naive = merges.find(({ strategy }) => strategy === "naive");
  const union = merges.find(({ strategy }) => strategy === "union");
  if (!naive || !union || inputs_hash === undefined)
    throw new Fault("patch_missing", `${attempt.attempt_key} is not merged on its task's base`, {
      hint: "run the same command again",
    });
  const sides = ledger.merges.sides(attempt.attempt_key);
  return { attempt, merges: { naive, union }, sides, task, inputs_hash };
}
