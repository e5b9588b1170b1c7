// Owns the one clock of an attempt: when each agent's model answered, its commands ran, and messages were sent and read.
import type { AttemptPage } from "../../db/pages.ts";

type Step = AttemptPage["steps"][number];
/** Milliseconds since the attempt began. The model is asked from `asked` to `answered`; commands run until `done`. */
export type StepTimes = {
  readonly agent_id: string;
  readonly step: number;
  readonly asked: number;
  readonly answered: number;
  readonly done: number;
  readonly row: Step;
};
export type MessageTimes = {
  readonly seq: number;
  readonly sender: string;
  readonly recipient: string;
  readonly content: string;
  /** Null where no time is known. */
  readonly sent: number | null;
  readonly read: number | null;
  /** Whether it was never read; null where the time of reading was not recorded. */
  readonly unread: boolean | null;
  readonly sent_step: number | null;
  readonly read_step: number | null;
};
export type Clock = {
  readonly agents: readonly string[];
  readonly steps: readonly StepTimes[];
  readonly messages: readonly MessageTimes[];
  /** The end of the axis, at least 1. */
  readonly end: number;
};

/** What a clock is made from; without steps and calls it is that of the messages. */
type Timed = Pick<AttemptPage, "attempt" | "agents" | "steps" | "calls" | "messages" | "imported">;

/** Everything of an attempt that has a time, from its start. */
export function clockOf(page: Timed): Clock {
  const start = Date.parse(page.attempt.started_at);
  const agents = page.agents.map(({ agent_id }) => agent_id);
  const steps = agents.flatMap((agent_id) => agentTimes(page, agent_id, start));
  const since = (iso: string | null) => {
    const at = iso === null ? Number.NaN : Date.parse(iso) - start;
    return Number.isNaN(at) ? null : Math.max(0, at);
  };
  const silent = page.imported?.reads_kept === false ? null : true;
  const messages = page.messages.map(
    ({ seq, sender, recipient, content, sent_at, read_at, sent_step, read_step }) => ({
      seq,
      sender,
      recipient,
      content,
      sent: since(sent_at),
      read: since(read_at),
      unread: read_at === null && read_step === null ? silent : false,
      sent_step,
      read_step,
    }),
  );
  const known = [
    ...steps.map(({ done }) => done),
    ...messages.flatMap(({ sent, read }) => [sent ?? 0, read ?? 0]),
  ];
  return { agents, steps, messages, end: Math.max(1, page.attempt.wall_ms, ...known) };
}

/**
 * The steps of one agent on the clock. `started_at` of a step is when its commands began for some agents, and when the
 * model was asked for others: the call of the step shows which, and without calls the former is taken when the model's
 * time fits before it.
 */
export function agentTimes(page: Timed, agent_id: string, start: number): StepTimes[] {
  const asked = page.calls.filter((call) => call.agent_id === agent_id && call.purpose === "step");
  const own = page.steps.filter((step) => step.agent_id === agent_id);
  return own.flatMap((row) => {
    const noted = Date.parse(row.started_at) - start;
    if (Number.isNaN(noted)) return [];
    const call = asked.length === own.length ? asked[row.step - 1] : undefined;
    const began = call === undefined ? Number.NaN : Date.parse(call.started_at) - start;
    const from = Math.max(0, Number.isNaN(began) ? noted - row.model_ms : Math.min(began, noted));
    const answered = Math.max(noted, from + row.model_ms);
    return [{ agent_id, step: row.step, asked: from, answered, done: answered + row.exec_ms, row }];
  });
}
