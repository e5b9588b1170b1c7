// Owns an attempt's state on a Redis server that may forget it: one call after another, versions, and restoring.
import { createHash } from "node:crypto";
import { z } from "zod";
import { Fault } from "../core/fault.ts";
import type { Message } from "./mailbox.ts";
import type { RedisLink } from "./redis.ts";
import type { Journal } from "./redis-journal.ts";
import { type Keys, SCRIPTS } from "./redis-scripts.ts";

/** Nothing is written this often between two looks at a list without intent to harm. */
const TRIES = 100;

export const Items = z.array(z.instanceof(Buffer));
export const Version = z.number();
const Survey = z.tuple([Version, z.array(Items)]);

export type Argument = string | number | Buffer;
type StateOptions = {
  readonly link: RedisLink;
  readonly keys: Keys;
  readonly agent_ids: readonly string[];
  readonly journal: Journal;
  /** Done at the start and after each restart, which may have forgotten it. */
  readonly grant: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Calls go one after another, so each may safely be repeated when a connection breaks. Each change raises the version;
 * a server that is behind the one we know has forgotten something and is told all of it from the journal.
 */
export class RedisState {
  readonly finished = new Set<string>();
  /** Items at the head of an agent's taken list that the journal has already. */
  readonly unconfirmed = new Map<string, number>();
  last: Promise<unknown> = Promise.resolve();
  private readonly options: StateOptions;
  private version = 0;
  /** The connection on which the server's state was last compared with ours. */
  private epoch = -1;

  constructor(options: StateOptions) {
    this.options = options;
  }

  /** Several calls with no other call between them. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** One piece of work on a server that knows what we know; it is done again when the connection breaks. */
  op<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { link, signal: whole } = this.options;
    const both = signal && whole ? AbortSignal.any([signal, whole]) : (signal ?? whole);
    return link.persist(
      async () => {
        while (this.epoch !== link.epoch) await this.catchUp();
        return await work();
      },
      { signal: both },
    );
  }

  /** A question; a server that has forgotten something is told all of it and asked again. */
  async ask<T extends readonly [version: number, ...unknown[]]>(
    question: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await this.op(question, signal);
      if (this.saw(answer[0])) return answer;
    }
    throw this.restless();
  }

  /** A change; returns the version behind it. */
  async change(
    name: "send" | "finish" | "record",
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<number> {
    const version = Version.parse(await this.op(() => this.script(name, keys, args)));
    this.saw(version);
    return version;
  }

  /** Writes messages as they stand, and lets go of a taken list, unless the state has changed since the version `now`. */
  record(now: number, messages: readonly Message[], taken: readonly string[]): Promise<number> {
    const { version, history } = this.options.keys;
    return this.change("record", [version, history, ...taken], [now, ...recordsOf(messages)]);
  }

  script(
    name: keyof typeof SCRIPTS,
    keys: readonly string[],
    args: readonly Argument[] = [],
  ): Promise<unknown> {
    return this.options.link.call("EVAL", SCRIPTS[name], keys.length, ...keys, ...args);
  }

  /** The items of lists, as latin1 texts. */
  async survey(lists: readonly string[]): Promise<[version: number, lists: string[][]]> {
    const keys = [this.options.keys.version, ...lists];
    const [version, found] = Survey.parse(await this.script("survey", keys));
    return [version, found.map((items) => items.map(latin1))];
  }

  /** False for a version that went back: another program emptied the server, and the next work restores it. */
  private saw(version: number): boolean {
    if (version < this.version) this.epoch = -1;
    else this.version = version;
    return version === this.version;
  }

  private async catchUp(): Promise<void> {
    const { epoch } = this.options.link;
    const [version] = await this.survey([]);
    if (version < Math.max(1, this.version)) await this.restore();
    // Behind the keys: a user without keys counts as left over.
    await this.options.grant();
    this.epoch = epoch;
  }

  /** Gives a server that has forgotten something all of it again; the version comes last. */
  private async restore(): Promise<void> {
    const { agent_ids, journal, keys } = this.options;
    for (const agent_id of agent_ids) await this.refill(agent_id);
    const next = this.version + 1;
    const records = recordsOf(journal.messages);
    const args = [next, this.finished.size, ...this.finished, ...records];
    await this.script("restore", [keys.version, keys.history, keys.finished], args);
    this.version = next;
    this.unconfirmed.clear();
  }

  private async refill(agent_id: string): Promise<void> {
    const { keys, journal } = this.options;
    const lists = [keys.taken(agent_id), keys.inbox(agent_id)];
    for (let tries = 0; tries < TRIES; tries++) {
      const items = (await this.survey(lists))[1].flat();
      const wanted = journal.unreadAfter(agent_id, items).map(bytes);
      if ((await this.script("refill", lists, [digestOf(items), ...wanted])) === 1) return;
    }
    throw this.restless();
  }

  private restless(): Fault {
    const words = `the keys of ${this.options.keys.prefix}* keep changing`;
    return new Fault("mailbox_gone", words, {
      hint: "another program keeps writing them: check what else uses the Redis server",
    });
  }
}

export const latin1 = (item: Buffer): string => item.toString("latin1");
export const bytes = (item: string): Buffer => Buffer.from(item, "latin1");

function recordsOf(messages: readonly Message[]): Argument[] {
  return messages.flatMap((message) => [message.seq, JSON.stringify(message)]);
}

function digestOf(items: readonly string[]): string {
  return createHash("sha1").update(items.join("\n"), "latin1").digest("hex");
}
