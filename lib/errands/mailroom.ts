// Owns where the messages of an attempt are kept that another process makes: in that process, or on a Redis server.
import { z } from "zod";
import { openMailroom } from "../team/mailroom.ts";
import { checkRedisServer } from "../team/redis-check.ts";
import type { Mailroom } from "../team/room.ts";
import { withoutPassword, withPassword } from "./address.ts";
import type { Workshop } from "./errand.ts";

/** Null: in the performer's memory; `url` is null for a server that the performer starts. */
export const carriedMailroom = z.object({ url: z.string().nullable() }).nullable();
export type CarriedMailroom = z.infer<typeof carriedMailroom>;

/** As `--redis` says: an address, or `auto`. */
export function carryMailroom(redis: string | undefined): CarriedMailroom {
  if (redis === undefined) return null;
  return { url: redis === "auto" ? null : withoutPassword(redis) };
}

/** One for all errands with the same. Throws UsageError for a server that cannot carry messages, Fault `mailbox_gone`. */
export async function mailroomHere(site: Workshop, carried: CarriedMailroom): Promise<Mailroom> {
  return await site.share(`mailroom ${JSON.stringify(carried)}`, async () => {
    if (carried === null) return await openMailroom({ kind: "memory" });
    if (carried.url === null) return await openMailroom({ kind: "redis" });
    const url = withPassword(carried.url, "mailbox_gone");
    await checkRedisServer(url);
    return await openMailroom({ kind: "redis", url });
  });
}
