// Owns how an agent is shown what has come for it: unread messages, and who has ended.
import type { Mailbox } from "../team/mailbox.ts";

type Reader = {
  readonly mailbox: Mailbox | undefined;
  readonly agent_id: string;
  /** The step that reads, from 1. */
  readonly step: () => number;
  /** The longest wait of a sender, in milliseconds. */
  readonly message_wait_ms: number;
};

/** How many messages there were, and the texts to show; what is returned counts as read. */
export async function mailTexts({
  mailbox,
  agent_id,
  step,
  message_wait_ms,
}: Reader): Promise<{ received: number; texts: string[] }> {
  const unread = (await mailbox?.receive(agent_id, step())) ?? [];
  const wait_s = Math.round(message_wait_ms / 1000);
  const texts = unread.map(({ sender, content, waits }) => {
    const mark = waits ? `\n[${sender} waits for your answer, up to ${wait_s} s]` : "";
    return `[Message from ${sender}]: ${content}${mark}`;
  });
  return { received: unread.length, texts: [...texts, ...(mailbox?.endings(agent_id) ?? [])] };
}
