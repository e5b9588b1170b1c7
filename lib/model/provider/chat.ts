// Owns the chat completions form, which several providers speak, as its adapter takes it.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { Body, Connection, Placed } from "./family.ts";

export type ChatSettings = Parameters<typeof createOpenAICompatible>[0];

/** The model of a connection; a key that is `undefined` is not sent. */
export function openChat(
  { model_id, fetch }: Pick<Connection, "model_id" | "fetch">,
  settings: Omit<ChatSettings, "fetch" | "includeUsage">,
) {
  return createOpenAICompatible({ ...settings, fetch, includeUsage: true }).chatModel(model_id);
}

export const chatOptions = (body: Body): Placed => ({
  temperature: body.at("temperature"),
  top_p: body.at("top_p"),
  seed: body.at("seed"),
  max_output_tokens: body.at("max_tokens"),
  reasoning_effort: body.at("reasoning_effort"),
});
