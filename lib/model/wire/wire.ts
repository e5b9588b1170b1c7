// Owns the contract of a wire: a request that an agent's program sends in, our answer in the form that the program reads out.
import type { StopReason, Tool, ToolCall, Usage } from "../model.ts";

/** Anthropic's messages, OpenAI's responses and chat completions, Google's contents. */
export const WIRE_NAMES = ["messages", "responses", "chat", "contents"] as const;
export type WireName = (typeof WIRE_NAMES)[number];

/** A turn as a program tells it. `seal` names the answer whose reasoning stood before it; see `Said`. */
export type WireTurn =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
      readonly role: "assistant";
      readonly content: string;
      readonly tool_calls: readonly ToolCall[];
      readonly seal?: string | undefined;
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };
export type AssistantTurn = Extract<WireTurn, { role: "assistant" }>;

/** How a tool is called where that is not by its name with a JSON object: inside a namespace, or with plain text. */
export type ToolForm = {
  readonly name: string;
  readonly namespace?: string;
  readonly plain?: true;
};

/** What a program asks for. How the model is asked (its name, temperature, limits) is the run's own and not read. */
export type WireRequest = {
  readonly request: { readonly turns: readonly WireTurn[]; readonly tools: readonly Tool[] };
  readonly stream: boolean;
  /** The model that the program named. */
  readonly model: string;
  /** By the names of `request.tools`; those that are called plainly by their names are left out. */
  readonly forms: ReadonlyMap<string, ToolForm>;
  /** Whether the program wants to see reasoning. */
  readonly reasoning: boolean;
  /** Whether a stream is to tell its tokens. */
  readonly usage: boolean;
};

/** An answer on its way to a program. Calls have the ids that the program is to see. */
export type Said = {
  readonly id: string;
  readonly text: string;
  /** The model's thoughts as text; empty where the provider shows none. */
  readonly reasoning: string;
  /** Stands for what the provider wants to see again; undefined: nothing. */
  readonly seal: string | undefined;
  readonly tool_calls: readonly ToolCall[];
  readonly stop_reason: StopReason;
  /** Null: unknown. */
  readonly usage: Usage | null;
};

/** Why a program gets no answer. `try again` alone is for asking again; `over` ends a program. */
export const REFUSAL_KINDS = [
  "bad request",
  "context too long",
  "unauthorized",
  "over",
  "not found",
  "too large",
  "try again",
] as const;
export type RefusalKind = (typeof REFUSAL_KINDS)[number];
/** A refusal in a wire's form: HTTP status and JSON body. */
export type RefusalForm = { readonly status: number; readonly body: object };

/** Thrown where a request cannot be served; the message is for the program and whoever reads its log. */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What a request is for: an answer of the model, or a count of its tokens. */
export type Route = "answer" | "count";
export type Wire = {
  readonly name: WireName;
  /** What a POST to the path asks for; undefined: it is not this wire's. */
  readonly route: (path: string) => Route | undefined;
  /** Throws Refusal for what cannot be served. */
  readonly decode: (body: unknown, url: URL) => WireRequest;
  readonly encode: (said: Said, asked: WireRequest) => object;
  /** The answer as whole server-sent events. */
  readonly stream: (said: Said, asked: WireRequest) => Iterable<string>;
  /** Sent while a stream waits; undefined where readers of this wire would stumble over it. */
  readonly alive: string | undefined;
  /** Of an estimate of a request's tokens. */
  readonly count: (tokens: number) => object;
  readonly refusal: (kind: RefusalKind, message: string) => RefusalForm;
  /** The refusal inside a stream that has begun. */
  readonly broken: (kind: RefusalKind, message: string) => string;
};

/** A server-sent event. */
export function sse(data: object | string, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}
