// Owns the mailboxes of many attempts on one Redis server, over one connection.

import { RedisLink } from "./redis.ts";
import { canGrant, grantFor, isOpenToAll, removeLeftUsers, sharedAccess } from "./redis-access.ts";
import { RedisMailbox } from "./redis-mailbox.ts";
import type { Mailroom, OpenMailbox } from "./room.ts";

export type RedisRoomOptions = {
  readonly url: string;
  /** How long the server may stay away, in milliseconds. */
  readonly gone_ms?: number | undefined;
};

/** Throws as {@link RedisLink.open} does. */
export async function openRedisRoom({ url, gone_ms }: RedisRoomOptions): Promise<Mailroom> {
  await using stack = new AsyncDisposableStack();
  const link = stack.use(await RedisLink.open(gone_ms === undefined ? { url } : { url, gone_ms }));
  const users = await link.persist(() => canGrant(link));
  const unlocked = await link.persist(() => isOpenToAll(link));
  if (users) await link.persist(() => removeLeftUsers(link));
  const held = stack.move();
  return {
    description: `Redis ${link.version} at ${link.place}, one connection for all; ${isolation(users, unlocked)}`,
    async open({ attempt_key, agent_ids, signal }): Promise<OpenMailbox> {
      const run_id = runIdOf(attempt_key);
      const grant = (users ? grantFor : sharedOf)(link, url, run_id);
      const { give, take, ...access } = grant;
      const mailbox = await RedisMailbox.open({
        ...{ link, run_id, agent_ids, signal },
        grant: give,
        revoke: take,
      });
      return Object.assign(mailbox, { access });
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const sharedOf = (_link: RedisLink, url: string, run_id: string) => sharedAccess(url, run_id);

function isolation(users: boolean, unlocked: boolean): string {
  if (!users) return "attempts are separated by names only: this user may not create users";
  return unlocked
    ? "one user per attempt, but the server lets anyone in without a password"
    : "one user per attempt";
}

/**
 * Readable, without separators of keys, patterns or spaces, and never the same twice: a new try reads no old messages.
 */
function runIdOf(attempt_key: string): string {
  const readable = attempt_key.replace(/[^\w.=-]+/g, "-").slice(-150);
  return `${readable}-${crypto.randomUUID().slice(0, 8)}`;
}
