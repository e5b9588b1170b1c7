// Owns what happens to messages an agent's command has posted: addresses checked, delivered, waited for.
import { nearest } from "../nearest.ts";
import type { Mailbox } from "../team/mailbox.ts";
import type { AgentJob } from "./agent.ts";
import type { Posted } from "./send-message.ts";

const WAIT_MS = 60_000;

export type Delivery = {
  readonly job: Pick<AgentJob, "agent_id" | "partners" | "signal">;
  readonly mailbox: Mailbox;
  readonly step: number;
  /** Milliseconds until the agent's time is over: no wait lasts longer. */
  readonly left_ms: number;
};

/** Sends each message (to `all`: to every partner) and waits where asked; notes tell the agent what came of it. */
export async function deliver(
  posted: readonly Posted[],
  delivery: Delivery,
): Promise<{ sent: number; notes: string[] }> {
  const { job, mailbox, step } = delivery;
  const notes: string[] = [];
  let sent = 0;
  for (const { to, content, wait } of posted) {
    const recipients =
      to === "all" ? job.partners : job.partners.filter((partner) => partner === to);
    notes.push(recipients.length === 0 ? refusal(to, job) : `[message sent to ${to}]`);
    for (const recipient of recipients)
      await mailbox.send({ sender: job.agent_id, recipient, content, sent_step: step });
    sent += recipients.length;
    if (wait && recipients.length > 0) notes.push(await waitNote(delivery));
  }
  return { sent, notes };
}

function refusal(to: string, job: Delivery["job"]): string {
  if (to === job.agent_id) return `[message not sent: ${to} is you]`;
  return `[message not sent: no agent "${to}"; did you mean ${nearest(to, job.partners)}?]`;
}

async function waitNote({ job, mailbox, left_ms }: Delivery): Promise<string> {
  const timeout_ms = Math.max(0, Math.min(WAIT_MS, left_ms));
  const awakening = await mailbox.wait(job.agent_id, { timeout_ms, signal: job.signal });
  if (awakening === "timeout") return `[no answer within ${Math.round(timeout_ms / 1000)} s]`;
  return awakening === "message"
    ? "[an answer has arrived]"
    : "[no answer: your partner has finished]";
}
