// Owns the adapter of OpenAI's Responses API.
import { createOpenAI } from "@ai-sdk/openai";
import { type Family, NO_KEY } from "./family.ts";

const PUBLIC = "https://api.openai.com/v1";

/**
 * Responses, not chat completions: only there does a model's reasoning go back with the next request of a tool loop.
 * Nothing is stored on the server (`store: false`), so that a request holds all it depends on and can be replayed;
 * reasoning then travels encrypted, which the SDK asks for.
 */
export const openai: Family = {
  name: "openai",
  wire: "OpenAI's responses",
  public_address: PUBLIC,
  // Reasoning without summaries sends nothing for minutes.
  idle_ms: 300_000,
  open: ({ model_id, base_url = PUBLIC, key = NO_KEY, fetch }) =>
    createOpenAI({ baseURL: base_url, apiKey: key, fetch }).responses(model_id),
  provider_options: { openai: { store: false } },
  placed: (body) => ({
    temperature: body.at("temperature"),
    top_p: body.at("top_p"),
    seed: body.at("seed"),
    max_output_tokens: body.at("max_output_tokens"),
    reasoning_effort: body.at("reasoning.effort"),
  }),
  unknown_address:
    "openai/ speaks the Responses API; for a server with chat completions only, name the model local/NAME",
};
