// Owns how agents of one attempt reach each other: what a mailbox is, and the one in this process.

/** One message, from send to read. Steps are the sender's and the reader's model calls, from 1. */
export type Message = {
  readonly seq: number;
  readonly sender: string;
  readonly recipient: string;
  readonly content: string;
  readonly sent_at: string;
  readonly sent_step: number;
  read_at: string | null;
  read_step: number | null;
};
export type Draft = Pick<Message, "sender" | "recipient" | "content" | "sent_step">;
/** Why a wait ended. */
export type Awakening = "message" | "partner finished" | "timeout";

/** Delivery is in order and nothing is lost when the recipient is not up yet; the history stays. */
export interface Mailbox {
  send(draft: Draft): Promise<Message>;
  /** Unread messages of an agent, now marked as read in its step. */
  receive(agent_id: string, step: number): Promise<Message[]>;
  /** Waits until the agent has an unread message, every partner has finished, or the time is over. */
  wait(agent_id: string, options: { timeout_ms: number; signal?: AbortSignal }): Promise<Awakening>;
  /** Tells the others that this agent will neither read nor write any more. */
  finish(agent_id: string): Promise<void>;
  history(): Promise<readonly Message[]>;
}

/** The mailbox of agents that live in this process. */
export function memoryMailbox(agent_ids: readonly string[]): Mailbox {
  const all: Message[] = [];
  const finished = new Set<string>();
  const bell = new EventTarget();
  const ring = () => bell.dispatchEvent(new Event("ring"));
  const unread = (agent_id: string) =>
    all.filter((message) => message.recipient === agent_id && message.read_at === null);
  const state = (agent_id: string): Awakening | undefined => {
    if (unread(agent_id).length > 0) return "message";
    return agent_ids.every((id) => id === agent_id || finished.has(id))
      ? "partner finished"
      : undefined;
  };
  return {
    async send(draft) {
      const sent_at = new Date().toISOString();
      const message: Message = {
        seq: all.length + 1,
        ...draft,
        sent_at,
        read_at: null,
        read_step: null,
      };
      all.push(message);
      ring();
      return message;
    },
    async receive(agent_id, step) {
      const found = unread(agent_id);
      const now = new Date().toISOString();
      for (const message of found) {
        message.read_at = now;
        message.read_step = step;
      }
      return found;
    },
    async wait(agent_id, { timeout_ms, signal }) {
      const deadline = AbortSignal.timeout(timeout_ms);
      const ended = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
      for (;;) {
        signal?.throwIfAborted();
        const now = state(agent_id);
        if (now !== undefined) return now;
        if (deadline.aborted) return "timeout";
        await nextRing(bell, ended);
      }
    },
    async finish(agent_id) {
      finished.add(agent_id);
      ring();
    },
    async history() {
      return all;
    },
  };
}

function nextRing(bell: EventTarget, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      bell.removeEventListener("ring", done);
      ended.removeEventListener("abort", done);
      resolve();
    };
    bell.addEventListener("ring", done);
    ended.addEventListener("abort", done);
    if (ended.aborted) done();
  });
}
