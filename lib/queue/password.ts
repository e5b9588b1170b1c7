// Owns the password of the queue's server: where its address has none, a variable may hold it, so that no command line does.
import { checkedUrl } from "../team/redis.ts";

export const REDIS_PASSWORD = "TANDEM_REDIS_PASSWORD";

/** The address with the variable's password, unless it has one of its own. Throws UsageError for one that is not Redis'. */
export function withPassword(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const parsed = checkedUrl(url);
  const password = env[REDIS_PASSWORD] ?? "";
  if (parsed.password !== "" || password === "") return url;
  parsed.password = encodeURIComponent(password);
  return parsed.href;
}
