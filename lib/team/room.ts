// Owns what a room of mailboxes is, wherever the messages are kept.
import type { Mailbox } from "./mailbox.ts";
import type { RedisAccess } from "./redis-access.ts";

/** An attempt's mailbox; its end removes what it left in the room. */
export type OpenMailbox = Mailbox & AsyncDisposable & { readonly access?: RedisAccess };

export type MailboxRequest = {
  readonly attempt_key: string;
  readonly agent_ids: readonly string[];
  /** Ends every call that is under way. */
  readonly signal?: AbortSignal | undefined;
};

/** Mailboxes for many attempts at once. They hold no connection of their own. */
export interface Mailroom extends AsyncDisposable {
  /** Where the messages are kept and what separates attempts, in one line without secrets. */
  readonly description: string;
  open(request: MailboxRequest): Promise<OpenMailbox>;
}
