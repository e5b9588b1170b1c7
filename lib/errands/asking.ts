// Owns what a performer asks the sender about its model: turns, and kept answers; and what it tells of its calls.
import { z } from "zod";
import { followedStep } from "../model/followed.ts";
import type { FailureKind } from "../model/provider/error.ts";
import { answered } from "../model/recording.ts";
import { carriedFault } from "./carry.ts";

/** How one call ended. */
const turnOver = z.object({
  kind: z.literal("turn over"),
  turn: z.number(),
  /** US dollars of its answer, null when that is unknown; absent: it was not answered. */
  cost_usd: z.number().nullable().exactOptional(),
  /** It was not answered, and may have cost something all the same. */
  lost: z.boolean(),
  /** The provider refused for its load: milliseconds to stay away. */
  hold_ms: z.number().exactOptional(),
});
const about = { attempt_key: z.string(), agent_id: z.string() };
export const told = z.discriminatedUnion("kind", [
  turnOver,
  z.object({ kind: z.literal("stop"), fault: carriedFault }),
  z.object({ kind: z.literal("tokens"), tokens: z.number() }),
  /** A failed call will be tried again; `refusal` is set where the provider refused for its load. */
  z.object({
    kind: z.literal("retried"),
    refusal: z.object({ retry_after_ms: z.number().nullable() }).exactOptional(),
  }),
  z.object({
    kind: z.literal("retry"),
    failure: z.custom<FailureKind>((value) => typeof value === "string"),
    message: z.string(),
    wait_ms: z.number(),
  }),
  z.object({ kind: z.literal("cut prompt"), ...about, window_tokens: z.number() }),
  z.object({ kind: z.literal("step"), ...about, step: followedStep }),
  z.object({ kind: z.literal("divergence"), ...about, seq: z.number(), what: z.string() }),
]);
export type Told = z.infer<typeof told>;

/** What each topic asks with, and is answered with. */
export const TOPICS = {
  turn: { body: z.object({}), reply: z.object({ turn: z.number() }) },
  told: { body: z.array(told), reply: z.null() },
  /** A null reply: whoever asks has to find the answer, and tells it with `keep`, or with null that there is none. */
  kept: {
    body: z.object({ key: z.string(), earlier: z.array(z.string()) }),
    reply: z.object({ answered }).nullable(),
  },
  keep: {
    body: z.object({ key: z.string(), answered: answered.nullable() }),
    reply: z.null(),
  },
} as const;
export type Topic = keyof typeof TOPICS;
export type Body<T extends Topic> = z.infer<(typeof TOPICS)[T]["body"]>;
export type Reply<T extends Topic> = z.infer<(typeof TOPICS)[T]["reply"]>;
