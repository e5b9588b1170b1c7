// Owns how agents of one attempt reach each other: what a message and a mailbox are, wherever the messages are kept.

/** One message, from send to read. Steps are the sender's and the reader's model calls, from 1; times are ISO 8601. */
export type Message = {
  /** From 1, in the order in which the mailbox took the messages. */
  readonly seq: number;
  readonly sender: string;
  readonly recipient: string;
  readonly content: string;
  /** Whether the sender waits for an answer. */
  readonly waits?: true;
  readonly sent_at: string;
  /** 0 for a message of a program that counts no steps. */
  readonly sent_step: number;
  /** When the mailbox had stored it: from then on it is not lost. */
  readonly acknowledged_at: string;
  read_at: string | null;
  /** Null while it is unread, and when a program that counts no steps has read it. */
  read_step: number | null;
};
export type Draft = Pick<Message, "sender" | "recipient" | "content" | "waits" | "sent_step">;
/** Why a wait ended. */
export type Awakening = "message" | "partner finished" | "timeout";

export type WaitOptions = {
  readonly timeout_ms: number;
  /** Those whose answer is awaited: the wait is pointless once they have all finished. All others when absent. */
  readonly partners?: readonly string[];
  readonly signal?: AbortSignal;
};

/**
 * Delivery is in order and nothing is lost when the recipient is not up yet, or has finished; the history stays. One on
 * a server throws Fault `mailbox_gone` when the server stays away.
 */
export interface Mailbox {
  /** Ends when the message is acknowledged. */
  send(draft: Draft): Promise<Message>;
  /** Unread messages of an agent, now marked as read in its step. */
  receive(agent_id: string, step: number): Promise<Message[]>;
  /** Waits until the agent has an unread message, the partners have finished, or the time is over. */
  wait(agent_id: string, options: WaitOptions): Promise<Awakening>;
  /** Tells the others that this agent will no longer read or write, with this text on what became of it. */
  finish(agent_id: string, words?: string): Promise<void>;
  /** The texts on those who have finished since this agent last asked: each is reported to it once. */
  endings(agent_id: string): readonly string[];
  /** Those who have finished. */
  finished(): Promise<ReadonlySet<string>>;
  /** Every message, by `seq`. */
  history(): Promise<readonly Message[]>;
}
