// Owns the adapter of Google's Gemini API.
import { createGoogle } from "@ai-sdk/google";
import { type Family, NO_KEY } from "./family.ts";

const PUBLIC = "https://generativelanguage.googleapis.com/v1beta";

export const google: Family = {
  name: "google",
  wire: "Google's generateContent",
  public_address: PUBLIC,
  tells_window: "model",
  keyHeaders: (key) => ({ "x-goog-api-key": key }),
  // Thoughts are not streamed unless asked for, and they can take minutes.
  idle_ms: 300_000,
  open: ({ model_id, base_url = PUBLIC, key = NO_KEY, fetch }) =>
    createGoogle({ baseURL: base_url, apiKey: key, fetch }).languageModel(model_id),
  placed: (body) => ({
    temperature: body.at("generationConfig.temperature"),
    top_p: body.at("generationConfig.topP"),
    seed: body.at("generationConfig.seed"),
    max_output_tokens: body.at("generationConfig.maxOutputTokens"),
    reasoning_effort: body.at("generationConfig.thinkingConfig"),
  }),
};
