// Owns what happens to messages an agent's command has posted: addresses checked, delivered, waited for.
import { nearest } from "../nearest.ts";
import type { Mailbox } from "../team/mailbox.ts";
import type { AgentJob } from "./agent.ts";
import type { Posted } from "./send-message.ts";

const WAIT_MS = 60_000;

export type Delivery = { readonly job: AgentJob; readonly mailbox: Mailbox; readonly step: number };

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
    if (recipients.length === 0)
      notes.push(
        `[message not sent: no agent "${to}"; did you mean ${nearest(to, job.partners)}?]`,
      );
    for (const recipient of recipients)
      await mailbox.send({ sender: job.agent_id, recipient, content, sent_step: step });
    sent += recipients.length;
    if (wait && recipients.length > 0) notes.push(await waitNote(delivery));
  }
  return { sent, notes };
}

async function waitNote({ job, mailbox }: Delivery): Promise<string> {
  const awakening = await mailbox.wait(job.agent_id, { timeout_ms: WAIT_MS, signal: job.signal });
  if (awakening === "timeout") return `[no answer within ${WAIT_MS / 1000} s]`;
  return awakening === "message"
    ? "[an answer has arrived]"
    : "[no answer: your partner has finished]";
}
