// Owns the adapter of Anthropic's Messages API, with its prompt cache.
import { createAnthropic } from "@ai-sdk/anthropic";
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { type Family, NO_KEY } from "./family.ts";
import { readableMessages } from "./readable.ts";

const PUBLIC = "https://api.anthropic.com/v1";
const CACHED = { anthropic: { cacheControl: { type: "ephemeral" } } };

export const anthropic: Family = {
  name: "anthropic",
  wire: "Anthropic's messages",
  public_address: PUBLIC,
  tells_window: "model",
  keyHeaders: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  // It pings within a stream every few seconds, thinking or not.
  idle_ms: 120_000,
  open: ({ model_id, base_url = PUBLIC, key = NO_KEY, fetch }) =>
    createAnthropic({ baseURL: base_url, apiKey: key, fetch }).languageModel(model_id),
  arrange: withCacheMarks,
  readable: readableMessages,
  placed: (body) => ({
    temperature: body.at("temperature"),
    top_p: body.at("top_p"),
    seed: body.at("seed"),
    max_output_tokens: body.at("max_tokens"),
    reasoning_effort: body.at("output_config.effort") ?? body.at("thinking"),
  }),
};

/**
 * A loop sends the same beginning again and again: what is behind a mark is read from the cache at a tenth of the
 * price. One mark ends the system text (tools come before it and are cached with it), one ends each of the last two
 * own turns: the older reads what the last request wrote, the newer writes for the next. Anthropic allows four.
 */
function withCacheMarks(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const endsTurn = (message: LanguageModelV4Message, index: number) =>
    isOurs(message) && !isOurs(prompt[index + 1]);
  const turns = prompt.flatMap((message, index) => (endsTurn(message, index) ? [index] : []));
  const marked = new Set([lastOfSystem(prompt), ...turns.slice(-2)]);
  return prompt.map((message, index) =>
    marked.has(index) ? { ...message, providerOptions: CACHED } : message,
  );
}

/** Index of the last message of the system text at the beginning; -1 without one. */
function lastOfSystem(prompt: LanguageModelV4Prompt): number {
  const end = prompt.findIndex(({ role }) => role !== "system");
  return (end < 0 ? prompt.length : end) - 1;
}

function isOurs(message: LanguageModelV4Message | undefined): boolean {
  return message?.role === "user" || message?.role === "tool";
}
