// Owns what a program may ask of an answer besides its text, where the model can only be told so in words.
import type { Tool } from "../model.ts";
import { Refusal, type WireTurn } from "./wire.ts";

/** Whether the model may, must or must not call a tool, and which one it must. */
export type Choice = {
  readonly call?: "auto" | "none" | "any";
  readonly call_name?: string | undefined;
};
type Asks = Choice & {
  /** The answer is to be JSON: of this schema, or (`true`) of any. */
  readonly json_schema?: unknown;
  readonly stop?: readonly string[] | null | undefined;
  /** How many answers are wanted. */
  readonly answers?: number | null | undefined;
};
type Request = { readonly turns: readonly WireTurn[]; readonly tools: readonly Tool[] };

/**
 * The request with those wishes in it. Where tools must not be called, none is on offer. Throws Refusal for what words cannot do: texts
 * at which an answer is to stop, and several answers.
 */
export function asksFor({ json_schema, call = "auto", call_name, stop, answers }: Asks) {
  if ((stop ?? []).length > 0)
    throw new Refusal("bad request", "stop sequences are not supported by this gateway");
  if ((answers ?? 1) !== 1)
    throw new Refusal(
      "bad request",
      "several answers to one request are not supported by this gateway",
    );
  const words = [
    json_schema === undefined || json_schema === null ? "" : jsonWords(json_schema),
    call === "any"
      ? `Your answer must be a call of ${call_name === undefined ? "one of the tools" : `the tool ${call_name}`}.`
      : "",
  ].filter((one) => one !== "");
  return ({ turns, tools }: Request): Request => ({
    turns: [...turns, ...words.map((content) => ({ role: "user" as const, content }))],
    tools: call === "none" ? [] : tools,
  });
}

function jsonWords(schema: unknown): string {
  const form = schema === true ? "" : ` that matches this JSON schema: ${JSON.stringify(schema)}`;
  return `Answer with one JSON value and nothing else, without a code fence${form}`;
}
