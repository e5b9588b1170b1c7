// Owns judging: conversations to a model and its labels to the ledger, within a budget, a limited number at a time.

import { join } from "node:path";
import type { GivenLabel, Question } from "../../db/labels.ts";
import { WIDTHS } from "../config/widths.ts";
import { type Fault, UsageError } from "../core/fault.ts";
import { wholeSum } from "../core/lists.ts";
import type { Judged } from "../core/vocabulary.ts";
import { openLine } from "../engine/line.ts";
import type { Place } from "../engine/place.ts";
import { joinEngine, NEVER, type Places, placesOf } from "../engine/places.ts";
import type { Retries } from "../engine/retries.ts";
import { type Counts, NO_UNITS } from "../engine/tally.ts";
import { openBudget } from "../model/budget.ts";
import type { Gateway } from "../model/gateway.ts";
import type { GatewayEvent } from "../model/gateway-options.ts";
import { checkModelName, isRecording } from "../model/names.ts";
import type { Selection } from "../select/selection.ts";
import type { Work } from "../work/work.ts";
import type { Asked } from "./ask.ts";
import { askHere, callerOf, type LabelJob, labelStage } from "./label.ts";
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
    /** How long a question waits for a provider that is down, in one go. */
    readonly max_outage_ms?: number | undefined;
    /** Identical requests are answered from the cache of answers under the logs. */
    readonly cache?: boolean | undefined;
    /** Questions at a time. */
    readonly concurrency?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly drain?: AbortSignal | undefined;
    /** Retries of a question that met a transient fault; none when absent. */
    readonly retries?: Retries | undefined;
    /** Where questions are asked; in this process when absent. */
    readonly place?: Place | undefined;
    /** This process's part in the ledger's work, when the caller has joined it already. */
    readonly work?: Work | undefined;
    readonly on_start?: ((counts: () => Counts, passed_over: PassedOver) => void) | undefined;
    readonly on_unit?: ((unit: JudgedUnit) => void) | undefined;
    readonly on_event?: ((event: GatewayEvent) => void) | undefined;
    readonly on_control?: ((line: string) => void) | undefined;
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

/** All questions, with the answered ones marked. Throws UsageError. */
export function planJudging(options: JudgeOptions): PlannedUnits {
  const { ledger, dataset_dir } = placesOf(options);
  checkModelName(options.model, { base_url: options.base_url });
  if (isRecording(options.model))
    throw new UsageError(`${options.model} has recordings of agents, not of labels: name a model`);
  return plannedUnits(ledger, { ...options, select: { ...options.select, dataset_dir } });
}

/**
 * Asks the questions that have no answer yet. Faults of questions come through `on_unit`; what was paid for them is in
 * the ledger. `left` questions were not begun: `stopped` says why, if the model was the reason. Throws UsageError for
 * impossible options, and the signal's reason once it is aborted.
 */
export async function judge(
  options: JudgeOptions,
): Promise<{ readonly left: number; readonly stopped: Fault | undefined }> {
  const { runs, units, passed_over } = planJudging(options);
  const { ledger, signal = NEVER, on_unit = () => undefined } = options;
  const todo = units.filter(({ done }) => !done);
  const before = units.length - todo.length;
  const start = (counts: () => Counts) => {
    options.on_start?.(() => withDone(counts(), before), passed_over);
    for (const unit of units) if (unit.done) on_unit({ ...resultOf(options, unit), fresh: false });
  };
  if (todo.length === 0) {
    start(() => NO_UNITS);
    return { left: 0, stopped: undefined };
  }
  const gateway = await openWay(options, runs);
  using engine = joinEngine(options, "judge");
  const line = openLine({
    engine,
    stage: labelStage({ ledger, ask: asker(options, gateway), signal }),
    width: engine.work.control.width({
      given: options.concurrency ?? WIDTHS.label,
      // What was asked before was about attempts that are made.
      explicit: true,
    }),
    force: options.force,
    gate: () => gateway.stopped,
    on_unit(question, ended) {
      const { attempt_key: key, measure } = question;
      if ("fault" in ended) on_unit({ key, measure, fault: ended.fault });
      else on_unit({ ...resultOf(options, question), fresh: ended.fresh });
    },
  });
  start(line.counts);
  line.push(...todo);
  line.close();
  const left = (await line.done).length;
  signal.throwIfAborted();
  return { left, stopped: gateway.stopped };
}

/** Who asks the model: this process, or those that work for it. */
function asker(options: JudgeOptions, gateway: Gateway): (job: LabelJob) => Promise<Asked> {
  const { place, model, base_url = null, signal = NEVER } = options;
  const send = place?.send;
  if (send === undefined) return askHere({ gateway, signal });
  return async ({ unit: { measure, attempt_key }, inputs, held }) => {
    const { sendLabel } = await import("./errand.ts");
    return await sendLabel(send, {
      ...{ question: { ...inputs, measure }, caller: callerOf(attempt_key), gateway, held },
      signal: AbortSignal.any([signal, held.signal]),
      ...{ model, base_url, call_timeout_ms: CALL_TIMEOUT_MS },
    });
  };
}

/** Counts that include what was done before anything was begun. */
function withDone({ units, ended, ...rest }: Counts, before: number): Counts {
  return { ...rest, units: units + before, ended: ended + before };
}

async function openWay(options: JudgeOptions, runs: readonly string[]): Promise<Gateway> {
  const { ledger, log_dir } = placesOf(options);
  const { openGateway } = await import("../model/gateway.ts");
  return await openGateway({
    model: options.model,
    base_url: options.base_url,
    options: {},
    prices_file: options.prices_file,
    budget: openBudget({
      budget_usd: options.budget_usd ?? null,
      spent: ledger.labels.spent(runs),
    }),
    cache_dir: options.cache === true ? join(log_dir, ".cache", "answers") : undefined,
    ...(options.model_calls === undefined ? {} : { concurrency: options.model_calls }),
    max_outage_ms: options.max_outage_ms,
    call_timeout_ms: CALL_TIMEOUT_MS,
    called_elsewhere: options.place?.send !== undefined,
    on_event: options.on_event,
  });
}

function resultOf({ ledger }: JudgeOptions, question: Question) {
  const rows = ledger.labels.standing(question);
  const cost_usd = wholeSum(rows.map((row) => row.cost_usd));
  const inOrder = rows.sort((one, other) => Number(one.subject) - Number(other.subject));
  const labels = inOrder.map(({ subject, label, quotes }) => ({ subject, label, quotes }));
  return { key: question.attempt_key, measure: question.measure, labels, cost_usd };
}
