// Owns the stage `label`: one question about a conversation, asked of a model, and its labels in the ledger.
import type { Judgement, Question } from "../../db/labels.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { LabelRow } from "../../db/schema.ts";
import { asFault, Fault } from "../core/fault.ts";
import { parseAttemptKey } from "../core/keys.ts";
import type { Judged } from "../core/vocabulary.ts";
import { aboutAttempt, eachInput, eachJob, type Job, type Stage } from "../engine/stage.ts";
import type { Gateway } from "../model/gateway.ts";
import { patiently } from "../work/patience.ts";
import { type Asked, askModel } from "./ask.ts";
import { type Message, type Prompt, promptOf } from "./prompt.ts";

export type LabelPlan = {
  readonly ledger: Ledger;
  /** Asks the model, here or elsewhere. */
  readonly ask: (job: LabelJob) => Promise<Asked>;
  readonly signal: AbortSignal;
};
type Inputs = { readonly messages: readonly Message[]; readonly prompt: Prompt };
export type LabelJob = Job<Question, Inputs>;

/** Units are questions; their labels are valid as long as the prompt is the same. */
export function labelStage(
  plan: LabelPlan,
): Stage<Question, Inputs, readonly LabelRow[], Judgement> {
  const { ledger } = plan;
  return {
    name: "label",
    about: ({ attempt_key, measure, model }) => ({
      ...aboutAttempt(parseAttemptKey(attempt_key)),
      unit: `${attempt_key} ${measure} ${model}`,
    }),
    inputs: eachInput(({ attempt_key, measure }) => {
      if (!ledger.attempts.has(attempt_key)) throw removedAttempt(attempt_key);
      const messages = ledger.imported.messages(attempt_key);
      return { messages, prompt: promptOf(measure, messages) };
    }),
    stored: (questions) =>
      questions.map((question) => {
        const rows = ledger.labels.standing(question);
        return rows.length === 0 ? undefined : rows;
      }),
    current: (rows, { prompt }) => rows.some((row) => row.prompt === prompt.stored),
    made_at: (rows) => rows[0]?.labelled_at ?? "",
    work: eachJob((job) => ask(plan, job)),
    store: (job, judgement) => keep(plan, job, judgement),
  };
}

function removedAttempt(attempt_key: string): Fault {
  return new Fault("patch_missing", `${attempt_key} was removed while it was being judged`, {
    hint: "run the same command again: it judges what is there now",
  });
}

/** Throws the question's Fault; what was paid until then is stored anyway. */
async function ask(plan: LabelPlan, job: LabelJob): Promise<Judgement> {
  const { unit, inputs, held } = job;
  const asked = await plan.ask(job);
  const { given, fault, cost_usd, cut_off } = asked;
  if (given !== null) return { prompt: inputs.prompt.stored, cost_usd, cut_off, given };
  await lose(plan, unit, asked);
  // What is kept with the question must not be counted with the fault again.
  const spent = held.progress();
  held.progress = () => ({ ...spent, cost_usd: (spent.cost_usd ?? 0) - (cost_usd ?? 0) });
  throw namedFault(unit.measure, fault);
}

/** Asks questions in this process. */
export function askHere({ gateway, signal }: { gateway: Gateway; signal: AbortSignal }) {
  return async ({ unit, inputs, held }: LabelJob): Promise<Asked> =>
    await askModel({
      ...{ ...inputs, measure: unit.measure, gateway },
      signal: AbortSignal.any([signal, held.signal]),
      caller: callerOf(unit.attempt_key),
      say(progress) {
        held.progress = progress;
        return held.say;
      },
    });
}

async function lose(
  { ledger, signal }: LabelPlan,
  question: Question,
  { calls, useless: answer, cost_usd }: Asked,
): Promise<void> {
  if (calls === 0 || !ledger.attempts.has(question.attempt_key)) return;
  await patiently(() => ledger.labels.lose(question, { answer, cost_usd }), signal);
}

async function keep(
  { ledger, signal }: LabelPlan,
  { unit: question, held }: LabelJob,
  judgement: Judgement,
): Promise<readonly LabelRow[]> {
  const lease = { unit: held.unit.unit, ...held.holder };
  await patiently(() => ledger.labels.put(question, judgement, lease), signal);
  return ledger.labels.standing(question);
}

function namedFault(measure: Judged, error: unknown): Fault {
  const { code, message, hint, cause } = asFault(error);
  return new Fault(code, `${measure}: ${message}`, { hint, cause });
}

export function callerOf(attempt_key: string) {
  const { features } = parseAttemptKey(attempt_key);
  return { attempt_key, task_dir: "", setting: "coop", features, agent_id: "judge" };
}
