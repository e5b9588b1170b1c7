// Owns which conversations a model is asked about, and which of them it has already answered with the same prompt.
import type { Question } from "../../db/labels.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { UsageError } from "../core/fault.ts";
import { DEFAULT_POLICY, type Judged, type Policy } from "../core/vocabulary.ts";
import { selectRows } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";
import { type Message, promptOf } from "./prompt.ts";

export type UnitsRequest = {
  readonly select: Selection;
  readonly measures: readonly Judged[];
  readonly model: string;
  /** Under which policy a coop attempt has failed; `union` when absent. */
  readonly policy?: Policy | undefined;
  readonly force?: boolean | undefined;
};
export type JudgeUnit = Question & {
  /** Answered before by this model, with the same prompt, about the same messages. */
  readonly done: boolean;
  readonly messages: number;
  /** Of the prompt, the system's and the user's part together. */
  readonly characters: number;
};
/** Attempts that are not asked about. */
export type PassedOver = {
  readonly without_messages: number;
  /** Of those with messages, if failure symptoms are asked for: passed, or without a verdict. */
  readonly passed: number;
  readonly without_verdict: number;
};
export type PlannedUnits = {
  readonly runs: readonly string[];
  readonly units: readonly JudgeUnit[];
  readonly passed_over: PassedOver;
};

/**
 * Conversations of finished attempts, `limit` of them at most, each once a measure. Failure symptoms are asked of coop
 * attempts that failed: by Tandem's verdict, or if there is none by an imported one. Throws UsageError when neither
 * runs nor keys are given.
 */
export function plannedUnits(ledger: Ledger, request: UnitsRequest): PlannedUnits {
  const { select, measures, policy = DEFAULT_POLICY } = request;
  if (select.run === undefined && select.runs === undefined && select.keys === undefined)
    throw new UsageError("name the conversations: -n RUN, or keys of attempts");
  const { limit, ...filters } = select;
  const rows = selectRows(ledger, { filters, policy });
  const runs = [...new Set(rows.map(({ run }) => run))];
  const verdicts = verdictsOf(ledger, runs, rows);
  const finished = rows.filter(({ attempt_key: key }) => ledger.attempts.has(key));
  const talks = finished
    .map((row) => ({ row, messages: ledger.imported.messages(row.attempt_key) }))
    .filter(({ messages }) => messages.length > 0);
  const chosen = talks.slice(0, limit);
  const isAsked = (measure: Judged, { attempt_key, setting }: OutcomeRow) =>
    measure !== "failure symptom" || (setting === "coop" && verdicts.get(attempt_key) === false);
  const units = chosen.flatMap(({ row, messages }) =>
    measures
      .filter((measure) => isAsked(measure, row))
      .map((measure) => unitOf(ledger, request, { row, measure, messages })),
  );
  const count = (verdict: boolean | undefined) =>
    measures.includes("failure symptom")
      ? chosen.filter(({ row }) => verdicts.get(row.attempt_key) === verdict).length
      : 0;
  const without_messages = finished.length - talks.length;
  const passed_over = { without_messages, passed: count(true), without_verdict: count(undefined) };
  return { runs, units, passed_over };
}

type Asked = {
  readonly row: OutcomeRow;
  readonly measure: Judged;
  readonly messages: readonly Message[];
};

function unitOf(
  ledger: Ledger,
  { model, force = false }: UnitsRequest,
  { row: { attempt_key }, measure, messages }: Asked,
): JudgeUnit {
  const prompt = promptOf(measure, messages);
  const question = { attempt_key, measure, model, prompt_sha256: prompt.sha256 };
  const done = !force && ledger.labels.answered(question, prompt.stored);
  const characters = prompt.system.length + prompt.user.length;
  return { ...question, done, messages: messages.length, characters };
}

/** Whether attempts passed, if known. */
function verdictsOf(ledger: Ledger, runs: readonly string[], rows: readonly OutcomeRow[]) {
  const verdicts = new Map<string, boolean>();
  for (const { attempt_key, passed } of ledger.imported.verdicts(runs))
    if (passed !== null) verdicts.set(attempt_key, passed);
  for (const { attempt_key, passed } of rows)
    if (passed !== null) verdicts.set(attempt_key, passed);
  return verdicts;
}
