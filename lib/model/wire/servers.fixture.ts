// Owns the local servers that tests ask instead of providers, one per wire format.
import { anthropic } from "./anthropic.fixture.ts";
import { chat } from "./chat.fixture.ts";
import { google } from "./google.fixture.ts";
import { responses } from "./responses.fixture.ts";
import type { Script } from "./script.fixture.ts";
import { type ServeOptions, serve, type WireServer } from "./serve.fixture.ts";

/** Anthropic's Messages API. */
export function anthropicServer(script: Script, options: ServeOptions = {}): WireServer {
  return serve({ protocols: [anthropic], version: "/v1", ...options }, script);
}

/** OpenAI's Responses API and chat completions: also OpenRouter's, vLLM's and the like. */
export function openaiServer(script: Script, options: ServeOptions = {}): WireServer {
  return serve({ protocols: [responses, chat], version: "/v1", ...options }, script);
}

/** Google's Gemini API. */
export function googleServer(script: Script, options: ServeOptions = {}): WireServer {
  return serve({ protocols: [google], version: "/v1beta", ...options }, script);
}

/** A server that knows chat completions only, as most of one's own do. */
export function chatServer(script: Script, options: ServeOptions = {}): WireServer {
  return serve({ protocols: [chat], version: "/v1", ...options }, script);
}
