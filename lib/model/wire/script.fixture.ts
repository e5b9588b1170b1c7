// Owns what a test writes for a local model server: what it was asked, and what it shall answer.
import { type ChatTurn, NO_USAGE, type StopReason, type Usage } from "../model.ts";

/** The key that every local server wants to see. */
export const WIRE_KEY = "sk-wire-canary-0123456789";

export type ScriptedAnswer = {
  readonly text?: string;
  /** Thoughts before the answer; the server signs them and wants the signature back with the next request. */
  readonly reasoning?: string;
  /** Arguments as text are sent as they are: that is how they get broken. */
  readonly tool_calls?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>> | string;
  }[];
  /** Counts to report; those left out are derived from the lengths of request and answer. */
  readonly usage?: Partial<Usage>;
  readonly stop_reason?: StopReason;
  /** OpenRouter's `usage.cost`. */
  readonly cost_usd?: number;
};
export type ScriptedRefusal = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is; absent: an error in the provider's own form. */
  readonly body?: unknown;
};
/**
 * hang: no answer at all. stall: silence after the first piece. cut: the connection breaks after it. ended: the
 * stream ends there in good order. truncated: a piece of broken JSON, then the end. blank: status 200 and nothing.
 * empty: a whole answer without text or calls. overloaded: an error told in mid-stream.
 */
export const MISHAPS = [
  "hang",
  "stall",
  "cut",
  "ended",
  "truncated",
  "blank",
  "empty",
  "overloaded",
] as const;
export type Mishap = (typeof MISHAPS)[number];
export type Scripted = ScriptedAnswer | ScriptedRefusal | Mishap;

export type Asked = {
  /** 1 for the server's first request that passed its checks. */
  readonly n: number;
  /** All system texts and the first of the user's: enough to tell callers apart. */
  readonly hint: string;
  readonly model: string;
  readonly turns: readonly ChatTurn[];
  /** Names of the tools on offer. */
  readonly tools: readonly string[];
  readonly headers: Headers;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
};
export type Script = (asked: Asked) => Scripted | Promise<Scripted>;

/** An answer with nothing left open, for the wire. */
export type Ready = {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly reasoning: string;
  /** Of the reasoning; empty without one. */
  readonly signature: string;
  readonly tool_calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly json: string;
  }[];
  readonly stop_reason: StopReason;
  readonly usage: Usage;
  readonly cost_usd: number | undefined;
};

const CHARACTERS_PER_TOKEN = 4;
const tokens = (text: string) => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** The answer as the n-th of a server. */
export function ready(answer: ScriptedAnswer, asked: Asked): Ready {
  const { text = "", reasoning = "", tool_calls = [], cost_usd } = answer;
  const calls = tool_calls.map((call, index) => ({
    id: call.id ?? `call_${asked.n}_${index + 1}`,
    name: call.name,
    json: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
  }));
  return {
    id: `answer_${asked.n}`,
    model: asked.model,
    text,
    reasoning,
    signature: reasoning === "" ? "" : `signature-${asked.n}-of-${tokens(reasoning)}`,
    tool_calls: calls,
    stop_reason: answer.stop_reason ?? (calls.length > 0 ? "tool calls" : "stop"),
    usage: {
      ...NO_USAGE,
      input_tokens: tokens(JSON.stringify(asked.body)),
      output_tokens: tokens(text + reasoning + calls.map(({ json }) => json).join("")),
      reasoning_tokens: tokens(reasoning),
      ...answer.usage,
    },
    cost_usd,
  };
}

/** A text in two pieces, as streams bring them; none for no text. */
export function pieces(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== "");
}
