// Owns the mailbox of one attempt on a Redis server, in CooperBench's lists.
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import { Endings } from "./endings.ts";
import type { Awakening, Draft, Mailbox, Message, WaitOptions } from "./mailbox.ts";
import { atMost, awakening, Bell, waitFor } from "./mailbox-wait.ts";
import type { RedisLink } from "./redis.ts";
import { Journal } from "./redis-journal.ts";
import { type Keys, keysOf } from "./redis-scripts.ts";
import { bytes, Items, latin1, RedisState, Version } from "./redis-state.ts";

/** Other programs only push; they do not ring. */
const POLL_MS = 500;
/** The end of an attempt does not wait long for a server that is away: its keys expire. */
const CLOSE_MS = 3_000;

const Taken = z.tuple([Version, Items]);
const Look = z.tuple([Version, Items, z.number()]);

export type RedisMailboxOptions = {
  readonly link: RedisLink;
  readonly run_id: string;
  readonly agent_ids: readonly string[];
  /** Lets the attempt's programs in; called again after each restart. */
  readonly grant: () => Promise<void>;
  readonly revoke: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
};

/**
 * One process owns an attempt's mailbox; other programs reach it through the inboxes. A message that another program
 * has read is put into its inbox once more when the server forgets that before we look.
 */
export class RedisMailbox implements Mailbox, AsyncDisposable {
  private readonly options: RedisMailboxOptions;
  private readonly keys: Keys;
  private readonly journal = new Journal();
  private readonly state: RedisState;
  private readonly bell = new Bell();
  private readonly ends = new Endings();
  private readonly upkeep = new DisposableStack();

  private constructor(options: RedisMailboxOptions) {
    this.options = options;
    this.keys = keysOf(options.run_id);
    this.state = new RedisState({ ...options, keys: this.keys, journal: this.journal });
  }

  /** Claims the keys and listens to the bell. Throws as {@link RedisLink.persist} does. */
  static async open(options: RedisMailboxOptions): Promise<RedisMailbox> {
    const mailbox = new RedisMailbox(options);
    const { state, keys, bell, upkeep } = mailbox;
    try {
      const listen = () => options.link.listen(keys.bell, () => bell.ring());
      await state.inTurn(() => state.op(listen));
    } catch (error) {
      // What could not be opened may not be removable either: the first error is the one to report.
      await mailbox[Symbol.asyncDispose]().catch(() => undefined);
      throw error;
    }
    upkeep.use(options.link.onUp(() => mailbox.heal()));
    return mailbox;
  }

  send(draft: Draft): Promise<Message> {
    const { version, history, inbox, bell } = this.keys;
    return this.state.inTurn(async () => {
      const unsent = this.journal.begin(draft);
      const record = JSON.stringify(Journal.sent(draft, unsent));
      const args = [unsent.seq, record, bytes(unsent.item), bell];
      await this.state.change("send", [version, history, inbox(draft.recipient)], args);
      const message = Journal.sent(draft, unsent);
      this.journal.keep({ message, item: unsent.item });
      return message;
    });
  }

  receive(agent_id: string, step: number): Promise<Message[]> {
    const { state, journal, keys } = this;
    const taken = keys.taken(agent_id);
    const lists = [keys.version, keys.inbox(agent_id), taken];
    return state.inTurn(async () => {
      const [now, items] = await state.ask(async () =>
        Taken.parse(await state.script("take", lists)),
      );
      if (items.length === 0) return [];
      const fresh = items.slice(state.unconfirmed.get(agent_id) ?? 0);
      const messages = journal.read(agent_id, fresh.map(latin1), step);
      // Should the confirmation fail, the next reader finds these again.
      state.unconfirmed.set(agent_id, items.length);
      const confirmed = await state.record(now, messages, [taken]);
      if (confirmed === now + 1) state.unconfirmed.delete(agent_id);
      return messages;
    });
  }

  async wait(agent_id: string, options: WaitOptions): Promise<Awakening> {
    const { timeout_ms, signal } = options;
    const partners = options.partners ?? this.options.agent_ids.filter((id) => id !== agent_id);
    const look = async () => {
      const { finished, unread } = await this.look([this.keys.inbox(agent_id)], signal);
      return awakening({ unread: unread > 0, partners, finished });
    };
    return await waitFor(this.bell, look, { timeout_ms, poll_ms: POLL_MS, signal });
  }

  finish(agent_id: string, words?: string): Promise<void> {
    if (words !== undefined) this.ends.add(agent_id, words);
    const { version, finished, bell } = this.keys;
    return this.state.inTurn(async () => {
      await this.state.change("finish", [version, finished], [agent_id, bell]);
      this.state.finished.add(agent_id);
    });
  }

  endings(agent_id: string): readonly string[] {
    return this.ends.take(agent_id);
  }

  async finished(): Promise<ReadonlySet<string>> {
    return (await this.look([])).finished;
  }

  history(): Promise<readonly Message[]> {
    const { state, journal, keys } = this;
    const { agent_ids } = this.options;
    return state.inTurn(async () => {
      const [now, inboxes] = await state.ask(() => state.survey(agent_ids.map(keys.inbox)));
      const changed = agent_ids.flatMap((id, at) => journal.settle(id, inboxes[at] ?? []));
      if (changed.length > 0) await state.record(now, changed, []);
      return journal.messages;
    });
  }

  private look(inbox: readonly string[], signal?: AbortSignal) {
    const { state } = this;
    const keys = [this.keys.version, this.keys.finished, ...inbox];
    return state.inTurn(async () => {
      const question = async () => Look.parse(await state.script("look", keys));
      const [, finished, unread] = await state.ask(question, signal);
      return { finished: new Set(finished.map(String)), unread };
    });
  }

  /** After a reconnect, so that other programs find their messages again even if none of ours moves. */
  private heal(): void {
    const nothing = this.state.inTurn(() => this.state.op(async () => undefined));
    // Whoever needs the mailbox next meets the same error.
    nothing.catch(() => undefined);
  }

  /** Removes the attempt's keys and its user; when the server is away, what expires is left to expire. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.upkeep.dispose();
    const { link, agent_ids, revoke } = this.options;
    const { version, history, finished, bell, inbox, taken } = this.keys;
    const lists = agent_ids.flatMap((id) => [inbox(id), taken(id)]);
    await atMost(this.state.last, CLOSE_MS);
    const remove = async () => {
      await link.call("DEL", version, history, finished, ...lists);
      await revoke();
      await link.unlisten(bell);
    };
    try {
      await link.persist(remove, { gone_ms: CLOSE_MS });
    } catch (error) {
      if (!(error instanceof Fault && error.code === "mailbox_gone")) throw error;
    }
  }
}
