// Owns what happens to messages an agent's command has posted: addresses checked, delivered, waited for.

import { near } from "../core/nearest.ts";
import { cut, noun } from "../core/text.ts";
import type { Mailbox } from "../team/mailbox.ts";
import { cutText, whatIsLeft } from "../team/message-size.ts";
import type { AgentJob } from "./agent.ts";
import type { Posted } from "./send-message.ts";

const WAIT_MS = 60_000;

export type Delivery = {
  readonly job: Pick<AgentJob, "agent_id" | "partners" | "signal" | "clock">;
  readonly mailbox: Mailbox;
  readonly step: number;
  /** Milliseconds until the agent's time is over: all waits together last no longer. */
  readonly left_ms: number;
};

/** Sends each message (to `all`: to every partner) and waits where asked; notes tell the agent what happened. */
export async function deliver(
  posted: readonly Posted[],
  delivery: Delivery,
): Promise<{ sent: number; notes: string[] }> {
  const { job, mailbox, step } = delivery;
  const deadline = now(job) + delivery.left_ms;
  const notes: string[] = [];
  let sent = 0;
  for (const message of posted) {
    const { to, wait } = message;
    const recipients =
      to === "all" ? job.partners : job.partners.filter((partner) => partner === to);
    const draft = { sender: job.agent_id, content: contentOf(message), sent_step: step };
    for (const recipient of recipients)
      await mailbox.send({ ...draft, recipient, ...(wait ? { waits: true } : {}) });
    notes.push(
      recipients.length === 0 ? refusal(to, job) : await sentNote(message, recipients, mailbox),
    );
    sent += recipients.length;
    if (wait && recipients.length > 0) notes.push(await waitNote(delivery, recipients, deadline));
  }
  return { sent, notes };
}

/** On the agent's clock, which pauses while it waits for an agent that can do nothing. */
function now({ clock }: Delivery["job"]): number {
  return clock?.elapsed_ms ?? performance.now();
}

function contentOf({ content, size_bytes }: Posted): string {
  return size_bytes === undefined ? content : cutText(content, size_bytes);
}

/** What a command took for a name may be its whole text, which no cap on its output would hold back. */
const LONGEST_NAME = 81;

function refusal(to: string, job: Delivery["job"]): string {
  if (to === job.agent_id) return `[message not sent: ${to} is you]`;
  const name = cut(to, LONGEST_NAME);
  const best = near(name, job.partners);
  const known = `there ${noun(job.partners.length, "is", "are")} ${job.partners.join(", ")}`;
  const help = best === undefined ? known : `did you mean ${best}?`;
  return `[message not sent: no agent "${name}"; ${help}]`;
}

/** A finished agent keeps the message, for readers of the history; the sender should know. */
async function sentNote(
  { to, size_bytes }: Posted,
  recipients: readonly string[],
  mailbox: Mailbox,
): Promise<string> {
  const cut = size_bytes === undefined ? "" : `, but cut: only ${whatIsLeft(size_bytes)}`;
  const finished = await mailbox.finished();
  const gone = recipients.filter((recipient) => finished.has(recipient));
  if (gone.length === 0) return `[message sent to ${to}${cut}]`;
  return `[message sent to ${to}, but ${haveFinished(gone)} and will not read it]`;
}

async function waitNote(
  { job, mailbox }: Delivery,
  partners: readonly string[],
  deadline: number,
): Promise<string> {
  const timeout_ms = Math.max(0, Math.min(WAIT_MS, deadline - now(job)));
  const options = { timeout_ms, partners, signal: job.signal };
  const awakening = await mailbox.wait(job.agent_id, options);
  if (awakening === "timeout") return `[no answer within ${Math.round(timeout_ms / 1000)} s]`;
  if (awakening === "message") return "[an answer has arrived]";
  return job.partners.length === 1
    ? "[no answer: your partner has finished]"
    : `[no answer: ${haveFinished(partners)}]`;
}

function haveFinished(agent_ids: readonly string[]): string {
  return `${agent_ids.join(" and ")} ${noun(agent_ids.length, "has", "have")} finished`;
}
