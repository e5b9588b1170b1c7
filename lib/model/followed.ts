// Owns what one call adds to an agent's conversation, shortened: for those who follow an attempt while it is made.
import { z } from "zod";
import type { Answer, ChatTurn, Usage } from "./model.ts";
import type { SealedRequest } from "./request.ts";

/** Of each text, characters: what a page shows. The trajectory has all of it, once the attempt is kept. */
const MOST_CHARACTERS = 6000;

const text = z.string();
const followedTurn = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: text,
  tool_calls: z
    .array(
      z.object({
        name: text,
        arguments: z.record(text, z.unknown()),
        malformed: text.exactOptional(),
      }),
    )
    .exactOptional(),
  /** The step that it belongs to: results of commands come with the call after them. */
  step: z.number(),
});
/** One answered call: when it was asked (UTC, ISO 8601), how long the model took, tokens, US dollars (null: unknown). */
export const followedStep = z.object({
  step: z.number(),
  asked_at: text,
  model_ms: z.number(),
  cost_usd: z.number().nullable(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_tokens: z.number(),
  cache_write_tokens: z.number(),
  turns: z.array(followedTurn),
});
export type FollowedTurn = z.infer<typeof followedTurn>;
export type FollowedStep = z.infer<typeof followedStep>;

type Answered = {
  readonly request: SealedRequest;
  readonly answer: Pick<Answer, "text" | "tool_calls">;
  readonly usage: Usage;
  readonly latency_ms: number;
  readonly cost_usd: number | null;
  readonly asked_at: string;
};

/** Step number `step` of an agent: what it was told since its answer before, and what it answered. */
export function followed(step: number, asked: Answered): FollowedStep {
  const { request, answer, usage, latency_ms, cost_usd, asked_at } = asked;
  const turns = request.turns.map(({ turn }) => turn);
  const before = turns.findLastIndex(({ role }) => role === "assistant");
  const told = turns.slice(before + 1).map((turn) => turnOf(turn, before < 0 ? step : step - 1));
  const said = turnOf(
    { role: "assistant", content: answer.text, tool_calls: answer.tool_calls },
    step,
  );
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage;
  const tokens = { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens };
  return { step, asked_at, model_ms: latency_ms, cost_usd, ...tokens, turns: [...told, said] };
}

function turnOf(turn: ChatTurn, step: number): FollowedTurn {
  const { role, content } = turn;
  const about = { role, content: shortened(content), step: Math.max(1, step) };
  if (role !== "assistant") return about;
  const tool_calls = turn.tool_calls.map(({ name, arguments: given, malformed }) => ({
    name,
    arguments: Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        typeof value === "string" ? shortened(value) : value,
      ]),
    ),
    ...(malformed === undefined ? {} : { malformed: shortened(malformed) }),
  }));
  return { ...about, tool_calls };
}

function shortened(content: string): string {
  if (content.length <= MOST_CHARACTERS) return content;
  const [head, tail] = [MOST_CHARACTERS * 0.75, MOST_CHARACTERS * 0.25];
  const omitted = content.length - MOST_CHARACTERS;
  const ends = [content.slice(0, head), content.slice(content.length - tail)];
  return ends.map((end) => end.toWellFormed()).join(`\n⋯ ${omitted} characters left out ⋯\n`);
}
