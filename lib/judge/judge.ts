// Owns judging: conversations to a model and its labels to the ledger, within a budget, so many at a time.

import { join } from "node:path";
import type { GivenLabel, Question } from "../../db/labels.ts";
import type { Judged } from "../../db/words.ts";
import { WIDTHS } from "../config/widths.ts";
import { asFault, Fault, UsageError } from "../fault.ts";
import { parseAttemptKey } from "../keys.ts";
import { openBudget } from "../model/budget.ts";
import type { Gateway, GatewayEvent } from "../model/gateway.ts";
import { checkModelName, modelParts } from "../model/names.ts";
import { eachOf } from "../pool.ts";
import { NEVER, type Places, placesOf } from "../steps/places.ts";
import type { Selection } from "../steps/select.ts";
import { patiently } from "../work/patience.ts";
import { askForLabels, paidFor } from "./ask.ts";
import { promptOf } from "./prompt.ts";
import { type PassedOver, type PlannedUnits, plannedUnits, type UnitsRequest } from "./units.ts";

const CALL_TIMEOUT_MS = 10 * 60_000;

export type JudgeOptions = Places &
  Omit<UnitsRequest, "select"> & {
    readonly select: Omit<Selection, "dataset_dir">;
    readonly base_url?: string | undefined;
    readonly prices_file?: string | undefined;
    /** US dollars that all labels of the runs may cost, earlier ones included; no limit when absent. */
    readonly budget_usd?: number | undefined;
    /** Model calls at a time. */
    readonly model_calls?: number | undefined;
    /** Identical requests are answered from the cache of answers under the logs. */
    readonly cache?: boolean | undefined;
    /** Questions at a time. */
    readonly concurrency?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly drain?: AbortSignal | undefined;
    readonly on_start?: ((total: number, passed_over: PassedOver) => void) | undefined;
    readonly on_unit?: ((unit: JudgedUnit) => void) | undefined;
    readonly on_event?: ((event: GatewayEvent) => void) | undefined;
  };
/** What became of one question; `key` is the attempt's, `cost_usd` what its labels have cost in all. */
export type JudgedUnit =
  | {
      readonly key: string;
      readonly measure: Judged;
      readonly labels: readonly Pick<GivenLabel, "subject" | "label" | "quotes">[];
      readonly cost_usd: number | null;
      readonly fresh: boolean;
      readonly fault?: undefined;
    }
  | { readonly key: string; readonly measure: Judged; readonly fault: Fault };

/** The questions there are, those that are answered marked. Throws UsageError. */
export function planJudging(options: JudgeOptions): PlannedUnits {
  const { ledger, dataset_dir } = placesOf(options);
  checkModelName(options.model, { base_url: options.base_url });
  if (modelParts(options.model).provider === "replay")
    throw new UsageError(`${options.model} has recordings of agents, not of labels: name a model`);
  return plannedUnits(ledger, { ...options, select: { ...options.select, dataset_dir } });
}

/**
 * Asks for what has no answer yet. Faults of questions come through `on_unit`; what was paid for them is in the ledger.
 * `left` questions were not begun: `stopped` says why, when it was for the model. Throws UsageError for what cannot be,
 * and the signal's reason once it is aborted.
 */
export async function judge(
  options: JudgeOptions,
): Promise<{ readonly left: number; readonly stopped: Fault | undefined }> {
  const { runs, units, passed_over } = planJudging(options);
  const { signal = NEVER, drain = NEVER, on_unit = () => undefined } = options;
  options.on_start?.(units.length, passed_over);
  for (const unit of units) if (unit.done) on_unit({ ...told(options, unit), fresh: false });
  const todo = units.filter(({ done }) => !done);
  if (todo.length === 0) return { left: 0, stopped: undefined };
  const gateway = await openWay(options, runs);
  const stop = AbortSignal.any([signal, drain]);
  let begun = 0;
  const { concurrency = WIDTHS.label } = options;
  await eachOf(todo, { concurrency, signal: stop }, async (question) => {
    if (gateway.stopped !== undefined) return;
    begun++;
    on_unit(await visit(options, { question, gateway, signal }));
  });
  return { left: todo.length - begun, stopped: gateway.stopped };
}

async function openWay(options: JudgeOptions, runs: readonly string[]): Promise<Gateway> {
  const { ledger, log_dir } = placesOf(options);
  const { openGateway } = await import("../model/gateway.ts");
  const spent_usd = ledger.labels.spent_usd(runs);
  return await openGateway({
    model: options.model,
    base_url: options.base_url,
    options: {},
    prices_file: options.prices_file,
    budget: openBudget({ budget_usd: options.budget_usd ?? null, spent_usd }),
    cache_dir: options.cache === true ? join(log_dir, ".cache", "answers") : undefined,
    ...(options.model_calls === undefined ? {} : { concurrency: options.model_calls }),
    call_timeout_ms: CALL_TIMEOUT_MS,
    on_event: options.on_event,
  });
}

type Visit = {
  readonly question: Question;
  readonly gateway: Gateway;
  readonly signal: AbortSignal;
};

/** Throws the signal's reason once it is aborted; what was paid until then is stored all the same. */
async function visit(options: JudgeOptions, { question, gateway, signal }: Visit) {
  const { attempt_key: key, measure } = question;
  const { ledger, force = false } = options;
  const messages = ledger.imported.messages(key);
  const prompt = promptOf(measure, messages);
  // Another process may have asked since the plan was made.
  if (!force && ledger.labels.answered(question, prompt.stored))
    return { ...told(options, question), fresh: false };
  const model = await gateway.open(callerOf(key));
  let [useless, stored] = ["", false];
  const onUseless = (answer: string) => {
    useless = answer;
  };
  try {
    const given = await askForLabels({ measure, messages, prompt, model, signal, onUseless });
    const judgement = { prompt: prompt.stored, cost_usd: paidFor(model), given };
    await patiently(() => ledger.labels.put(question, judgement), signal);
    stored = true;
    return { ...told(options, question), fresh: true };
  } catch (error) {
    const lost = { answer: useless, cost_usd: paidFor(model) };
    if (!stored && model.calls.length > 0 && ledger.attempts.has(key))
      await patiently(() => ledger.labels.lose(question, lost), signal);
    if (signal.aborted) throw error;
    return { key, measure, fault: namedFault(measure, error) };
  }
}

function namedFault(measure: Judged, error: unknown): Fault {
  const { code, message, hint, cause } = asFault(error);
  return new Fault(code, `${measure}: ${message}`, { hint, cause });
}

function callerOf(attempt_key: string) {
  const { features } = parseAttemptKey(attempt_key);
  return { attempt_key, task_dir: "", setting: "coop", features, agent_id: "judge" };
}

function told({ ledger }: JudgeOptions, question: Question) {
  const rows = ledger.labels.standing(question);
  const cost_usd = rows.some((row) => row.cost_usd === null)
    ? null
    : rows.reduce((total, row) => total + (row.cost_usd ?? 0), 0);
  const inOrder = rows.sort((one, other) => Number(one.subject) - Number(other.subject));
  const labels = inOrder.map(({ subject, label, quotes }) => ({ subject, label, quotes }));
  return { key: question.attempt_key, measure: question.measure, labels, cost_usd };
}
