// Owns who may use an attempt's keys on a Redis server: one user per attempt where the server allows it.
import { UsageError } from "../core/fault.ts";
import { checkedUrl, type RedisLink } from "./redis.ts";
import { keysOf } from "./redis-scripts.ts";

/** How a program in an attempt's sandbox reaches the attempt's lists, and no others. */
export type RedisAccess = {
  /** With user and password: a secret of the attempt. */
  readonly url: string;
  /** As in `run:<run id>:<agent>:inbox`. */
  readonly run_id: string;
};
export type Grant = RedisAccess & {
  readonly give: () => Promise<void>;
  readonly take: () => Promise<void>;
};

const USER = "tandem:";
/** What clients of CooperBench's lists, and listeners to the bell, need. */
const COMMANDS = [
  ...["rpush", "lpop", "blpop", "llen", "lrange", "del", "exists", "sadd", "smembers"],
  ...["ping", "select", "subscribe", "unsubscribe", "publish"],
  ...["client|setname", "client|id"],
];

/** Whether the server lets us create users; a managed one, or one that gives us few rights, may not. */
export async function canGrant(link: RedisLink): Promise<boolean> {
  const user = `${USER}probe-${crypto.randomUUID()}`;
  try {
    await link.call("ACL", "SETUSER", user, "off");
    await link.call("ACL", "DELUSER", user);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Whether anyone may do anything: then users keep no one out. Unknown counts as no. */
export async function isOpenToAll(link: RedisLink): Promise<boolean> {
  try {
    const rules = (await link.call("ACL", "LIST")) as unknown[];
    return rules.map(String).some((rule) => /^user default on (\S+ )*nopass /.test(rule));
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof UsageError ||
    (error instanceof Error && "code" in error && error.code === "mailbox_gone")
  );
}

/** A user that sees the keys and channels of one attempt only. Giving it again changes nothing. */
export function grantFor(link: RedisLink, url: string, run_id: string): Grant {
  const { prefix } = keysOf(run_id);
  const password = Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString("hex");
  const user = `${USER}${run_id}`;
  const address = checkedUrl(url);
  address.username = encodeURIComponent(user);
  address.password = password;
  const rules = ["reset", "on", `>${password}`, `~${prefix}*`, "resetchannels", `&${prefix}*`];
  return {
    url: address.href,
    run_id,
    async give() {
      await link.call("ACL", "SETUSER", user, ...rules, ...COMMANDS.map((name) => `+${name}`));
    },
    async take() {
      await link.call("ACL", "DELUSER", user);
    },
  };
}

/** No separate user: whoever may use the server has every attempt's keys. */
export function sharedAccess(url: string, run_id: string): Grant {
  return { url: checkedUrl(url).href, run_id, give: async () => {}, take: async () => {} };
}

/** Removes users whose attempt's keys are gone: their process was killed and a day has passed. */
export async function removeLeftUsers(link: RedisLink): Promise<void> {
  const users = ((await link.call("ACL", "USERS")) as unknown[]).map(String);
  for (const user of users.filter((name) => name.startsWith(USER))) {
    const { version } = keysOf(user.slice(USER.length));
    if ((await link.call("EXISTS", version)) === 0) await link.call("ACL", "DELUSER", user);
  }
}
