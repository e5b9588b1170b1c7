// Owns the faults of imported runs: attempts in which an agent broke, so that they show nothing about agents.
import type { AttemptRow, FaultRow } from "../../../db/schema.ts";
import type { AttemptId } from "../../core/keys.ts";
import { isBlank, isBroken } from "../forms.ts";
import { errorOf, type ForeignAgent, type ForeignAttempt, statusSaid } from "../read/attempt.ts";

export type FaultRecord = Omit<FaultRow, "id">;

/** Used if no time is recorded: every attempt has a time. */
export const NO_TIME = "1970-01-01T00:00:00.000Z";

/** An agent that broke and left no patch: CooperBench's failure, which shows nothing about what agents can do. */
export function faultOf(
  { agents }: ForeignAttempt,
  { run, repo, task_id, features, try: number }: AttemptId,
  { attempt_key, ended_at }: Pick<AttemptRow, "attempt_key" | "ended_at">,
): FaultRecord | undefined {
  const broken = agents.filter((agent) => hasBroken(agent));
  if (broken.length === 0) return undefined;
  const said = broken.map((agent) => `${agent.agent_id} ended with ${errorOf(agent)}`);
  return {
    ...{ unit: attempt_key, run, repo, task_id, features: [...features], try: number },
    ...{ step: "run", code: "foreign_fault", cause: null, cost_usd: 0 },
    ...{ unpriced: 0, cut_off: 0, dearest_usd: null },
    message: `${said.join("; ")} (no patch)`,
    hint: "run it again with CooperBench, then import the new logs",
    happened_at: ended_at === NO_TIME ? new Date().toISOString() : ended_at,
    ...{ resolved_at: null, requeued_at: null },
  };
}

function hasBroken(agent: ForeignAgent): boolean {
  const status = statusSaid(agent);
  const unsaid = status === undefined && errorOf(agent) !== undefined;
  return isBlank(agent.patch ?? Buffer.alloc(0)) && (isBroken(status) || unsaid);
}
