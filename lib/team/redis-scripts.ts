// Owns what the server does in one piece: the keys of an attempt, and the Lua scripts over them.

/** Keys of one attempt: all begin with `run:<run id>:`, and the inboxes are CooperBench's. */
export type Keys = ReturnType<typeof keysOf>;

export function keysOf(run_id: string) {
  const prefix = `run:${run_id}:`;
  return {
    prefix,
    /** Number of changes so far; less than we know of means that the server has forgotten some. */
    version: `${prefix}version`,
    /** Hash: seq → message as JSON. */
    history: `${prefix}history`,
    /** Set of agents. */
    finished: `${prefix}finished`,
    /** Channel, rung at each change. */
    bell: `${prefix}bell`,
    /** List of what is unread, JSON {from, to, content, timestamp}: RPUSH by senders, LPOP by readers. */
    inbox: (agent_id: string) => `${prefix}${agent_id}:inbox`,
    /** List of what one of our agents is reading: nothing is lost between the inbox and the history. */
    taken: (agent_id: string) => `${prefix}${agent_id}:taken`,
  };
}

/** What a killed process leaves behind expires by itself. */
const TTL_SECONDS = 24 * 60 * 60;
const KEEP = `for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ${TTL_SECONDS}) end`;

/** Scripts by name; keys and arguments stand in the first line of each. */
export const SCRIPTS = {
  /** → version. A seq that is there already is the same call again. */
  send: `-- version history inbox | seq record item bell
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 1 then
  redis.call('RPUSH', KEYS[3], ARGV[3])
  redis.call('INCR', KEYS[1])
end
${KEEP}
redis.call('PUBLISH', ARGV[4], ARGV[1])
return tonumber(redis.call('GET', KEYS[1]))`,

  /** → [version, items]: all that is unread, and what was taken before but not confirmed. */
  take: `-- version inbox taken
local fresh = redis.call('LRANGE', KEYS[2], 0, -1)
if #fresh > 0 then
  for _, item in ipairs(fresh) do redis.call('RPUSH', KEYS[3], item) end
  redis.call('DEL', KEYS[2])
  redis.call('INCR', KEYS[1])
  ${KEEP}
end
return {tonumber(redis.call('GET', KEYS[1]) or 0), redis.call('LRANGE', KEYS[3], 0, -1)}`,

  /** → version. Writes records; what was taken is done with. Nothing happens if the version has changed. */
  record: `-- version history [taken] | version (seq record)*
local version = tonumber(redis.call('GET', KEYS[1]) or 0)
if version ~= tonumber(ARGV[1]) then return version end
for at = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
if KEYS[3] then redis.call('DEL', KEYS[3]) end
version = redis.call('INCR', KEYS[1])
${KEEP}
return version`,

  /** → version. */
  finish: `-- version finished | agent bell
if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then redis.call('INCR', KEYS[1]) end
${KEEP}
redis.call('PUBLISH', ARGV[2], ARGV[1])
return tonumber(redis.call('GET', KEYS[1]))`,

  /** → [version, finished agents, number unread]. */
  look: `-- version finished [inbox]
local unread = KEYS[3] and redis.call('LLEN', KEYS[3]) or 0
return {tonumber(redis.call('GET', KEYS[1]) or 0), redis.call('SMEMBERS', KEYS[2]), unread}`,

  /** → [version, items of each list]. */
  survey: `-- version list*
local found = {}
for at = 2, #KEYS do found[at - 1] = redis.call('LRANGE', KEYS[at], 0, -1) end
return {tonumber(redis.call('GET', KEYS[1]) or 0), found}`,

  /** → 1, or 0 when the lists are not as they were surveyed, by the SHA-1 of their items. */
  refill: `-- taken inbox | sha1 item*
local items = redis.call('LRANGE', KEYS[1], 0, -1)
for _, item in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do items[#items + 1] = item end
if redis.sha1hex(table.concat(items, '\\n')) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
for at = 2, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[at]) end
${KEEP}
return 1`,

  /** → version: the state that a forgetful server is given again, behind the inboxes. */
  restore: `-- version history finished | version number_finished agent* (seq record)*
local agents = tonumber(ARGV[2])
for at = 3, 2 + agents do redis.call('SADD', KEYS[3], ARGV[at]) end
for at = 3 + agents, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
redis.call('SET', KEYS[1], ARGV[1])
${KEEP}
return tonumber(ARGV[1])`,
} as const;
