// Owns the row that a model call leaves in an agent's steps.
import { type Answer, addUsage, NO_USAGE } from "../model/model.ts";
import type { StepRecord } from "./agent.ts";

/** The row of an answer whose commands are not run yet. */
export function stepOf(
  answer: Answer,
  place: Pick<StepRecord, "step" | "started_at" | "messages_received" | "helper">,
): StepRecord {
  return {
    ...addUsage(NO_USAGE, answer.usage),
    ...place,
    model_ms: answer.latency_ms,
    exec_ms: 0,
    commands: 0,
    exit_code: null,
    messages_sent: 0,
    cost_usd: answer.cost_usd,
  };
}
