// Owns the mailbox of agents that live in this process.
import { Endings } from "./endings.ts";
import type { Mailbox, Message } from "./mailbox.ts";
import { awakening, Bell, waitFor } from "./mailbox-wait.ts";

/** Every writer rings, so no one needs to look again unprompted. */
const POLL_MS = 2 ** 31 - 1;

/** A mailbox that lasts as long as the process; a message is acknowledged as soon as it is sent. */
export function memoryMailbox(agent_ids: readonly string[]): Mailbox {
  const all: Message[] = [];
  const done = new Set<string>();
  const endings = new Endings();
  const bell = new Bell();
  const unread = (agent_id: string) =>
    all.filter((message) => message.recipient === agent_id && message.read_at === null);
  return {
    async send(draft) {
      const now = new Date().toISOString();
      const message: Message = {
        seq: all.length + 1,
        ...draft,
        sent_at: now,
        acknowledged_at: now,
        read_at: null,
        read_step: null,
      };
      all.push(message);
      bell.ring();
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
    async wait(agent_id, { timeout_ms, signal, partners }) {
      const awaited = partners ?? agent_ids.filter((id) => id !== agent_id);
      const state = async () =>
        awakening({ unread: unread(agent_id).length > 0, partners: awaited, finished: done });
      return await waitFor(bell, state, { timeout_ms, poll_ms: POLL_MS, signal });
    },
    async finish(agent_id, words) {
      if (words !== undefined) endings.add(agent_id, words);
      done.add(agent_id);
      bell.ring();
    },
    endings: (agent_id) => endings.take(agent_id),
    async finished() {
      return new Set(done);
    },
    async history() {
      return all;
    },
  };
}
