// Owns checking whether a Redis server can carry messages: everything that an attempt will ask of it, tried once.
import { RedisLink } from "./redis.ts";
import { keysOf } from "./redis-scripts.ts";

/** Every command of the scripts over an attempt's keys, on keys that go with it. */
const TRY = `-- version list set hash | bell
redis.call('SET', KEYS[1], '1')
redis.call('INCR', KEYS[1])
redis.call('RPUSH', KEYS[2], 'x')
redis.call('LRANGE', KEYS[2], 0, -1)
redis.call('LLEN', KEYS[2])
redis.call('SADD', KEYS[3], 'x')
redis.call('SMEMBERS', KEYS[3])
redis.call('HSETNX', KEYS[4], '1', 'x')
redis.call('HSET', KEYS[4], '1', 'y')
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 60) end
redis.call('PUBLISH', ARGV[1], '1')
redis.call('DEL', unpack(KEYS))
return redis.call('GET', KEYS[1])`;

/**
 * The version of the server at that address, once all that is needed has been done on it. Throws as {@link
 * RedisLink.open}, and UsageError naming what its user may not do.
 */
export async function checkRedisServer(url: string): Promise<string> {
  await using link = await RedisLink.open({ url });
  const { version, finished, history, bell, inbox } = keysOf(`probe-${crypto.randomUUID()}`);
  const keys = [version, inbox("agent1"), finished, history];
  await link.persist(() => link.call("EVAL", TRY, keys.length, ...keys, bell));
  await link.persist(() => link.listen(bell, () => undefined));
  return link.version;
}
