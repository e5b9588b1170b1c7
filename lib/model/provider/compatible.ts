// Owns the adapter of any server that speaks the chat completions form: vLLM, Ollama, llama.cpp and the like.
import { chatOptions, openChat } from "./chat.ts";
import type { Family } from "./family.ts";
import { readableChat } from "./readable.ts";

/** A server of one's own: `base_url` is there, since names.ts asks for it, and a key goes along when one is set. */
export const compatible: Family = {
  name: "openai-compatible",
  wire: "chat completions",
  tells_window: "program",
  // Known servers stream every token; the prompt's own time is before the first byte.
  idle_ms: 300_000,
  open: ({ base_url = "", key, ...connection }) =>
    openChat(connection, {
      name: "local",
      baseURL: base_url,
      ...(key === undefined ? {} : { apiKey: key }),
    }),
  placed: chatOptions,
  readable: readableChat,
};
