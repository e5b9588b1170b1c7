// Owns this process's own memory of an attempt's messages: what the server acknowledged, and how items of its lists are read.
import { z } from "zod";
import type { Draft, Message } from "./mailbox.ts";

/** A message, and the bytes that stand for it in an inbox (as a latin1 text). */
export type Entry = { readonly message: Message; readonly item: string };
type Unsent = { readonly seq: number; readonly sent_at: string; readonly item: string };

/** What other programs put into an inbox; nothing of it is certain. */
const Item = z.object({
  from: z.string().catch("unknown"),
  content: z.string(),
  timestamp: z.union([z.number(), z.string()]).optional().catch(undefined),
});

/** The truth about acknowledged messages: a server that forgot some of them is given them again from here. */
export class Journal {
  /** By `seq`. */
  readonly entries: Entry[] = [];
  private last_seq = 0;

  get messages(): Message[] {
    return this.entries.map(({ message }) => message);
  }

  /** A number and an item for a message to be sent; the number is used up whatever happens to it. */
  begin(draft: Draft): Unsent {
    const now = new Date();
    const { sender: from, recipient: to, content } = draft;
    const text = JSON.stringify({ from, to, content, timestamp: now.getTime() / 1000 });
    const item = Buffer.from(text, "utf8").toString("latin1");
    return { seq: ++this.last_seq, sent_at: now.toISOString(), item };
  }

  /** The message as it stands until it is read. */
  static sent(draft: Draft, { seq, sent_at }: Unsent): Message {
    return {
      seq,
      ...draft,
      sent_at,
      acknowledged_at: new Date().toISOString(),
      read_at: null,
      read_step: null,
    };
  }

  keep(entry: Entry): void {
    this.entries.push(entry);
  }

  unread(agent_id: string): Entry[] {
    return this.entries.filter(
      ({ message }) => message.recipient === agent_id && message.read_at === null,
    );
  }

  /** Items that one of our agents has taken: its messages, marked as read. Unknown items come from other programs. */
  read(agent_id: string, items: readonly string[], step: number): Message[] {
    const left = new Pile(this.unread(agent_id));
    return items.map((item) => {
      const { message } = left.take(item) ?? this.adopt(agent_id, item);
      mark(message, step);
      return message;
    });
  }

  /**
   * Compares an inbox with what should be unread in it: unknown items are adopted, and what is missing was read by
   * another program. Returns the messages that changed.
   */
  settle(agent_id: string, items: readonly string[]): Message[] {
    const left = new Pile(this.unread(agent_id));
    const adopted = items
      .filter((item) => left.take(item) === undefined)
      .map((item) => this.adopt(agent_id, item).message);
    const gone = left.rest().map(({ message }) => message);
    for (const message of gone) mark(message, null);
    return [...adopted, ...gone];
  }

  /**
   * What an inbox that went back in time must hold: the unread messages, then what only other programs know. Items of
   * messages that were read meanwhile are not among them.
   */
  unreadAfter(agent_id: string, items: readonly string[]): string[] {
    const known = new Pile(this.entries.filter(({ message }) => message.recipient === agent_id));
    for (const item of items) if (known.take(item) === undefined) this.adopt(agent_id, item);
    return this.unread(agent_id).map(({ item }) => item);
  }

  private adopt(recipient: string, item: string): Entry {
    const entry = { message: adopted(recipient, item, ++this.last_seq), item };
    this.keep(entry);
    return entry;
  }
}

/** Entries by their items; equal items stand for each other, first in first out. */
class Pile {
  private readonly byItem: Map<string, Entry[]>;

  constructor(entries: readonly Entry[]) {
    this.byItem = Map.groupBy(entries, ({ item }) => item);
  }

  take(item: string): Entry | undefined {
    return this.byItem.get(item)?.shift();
  }

  rest(): Entry[] {
    return [...this.byItem.values()].flat();
  }
}

function mark(message: Message, step: number | null): void {
  message.read_at = new Date().toISOString();
  message.read_step = step;
}

/** A message that another program wrote; bytes that are not such JSON are the text themselves. */
function adopted(recipient: string, item: string, seq: number): Message {
  const text = Buffer.from(item, "latin1").toString("utf8");
  const parsed = Item.safeParse(jsonOf(text));
  const { from, content, timestamp } = parsed.success
    ? parsed.data
    : { from: "unknown", content: text, timestamp: undefined };
  const now = new Date();
  return {
    seq,
    sender: from,
    recipient,
    content,
    sent_at: (timeOf(timestamp) ?? now).toISOString(),
    sent_step: 0,
    acknowledged_at: now.toISOString(),
    read_at: null,
    read_step: null,
  };
}

/** Seconds, as a number or a text of one, or ISO 8601. */
function timeOf(timestamp: number | string | undefined): Date | undefined {
  if (timestamp === undefined) return undefined;
  const seconds = Number(timestamp);
  const time = new Date(Number.isNaN(seconds) ? timestamp : seconds * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
