// Owns the adapter of OpenRouter: the chat completions form, in its own words for effort, caches, reasoning and cost.
import { z } from "zod";
import { type ChatSettings, chatOptions, openChat } from "./chat.ts";
import { type Family, NO_KEY } from "./family.ts";
import { readableChat } from "./readable.ts";
import { mergeDetails, type ReasoningDetail, reasoningDetails } from "./reasoning-details.ts";

type Change = NonNullable<ChatSettings["transformRequestBody"]>;
type Extractor = NonNullable<ChatSettings["metadataExtractor"]>;

const PUBLIC = "https://openrouter.ai/api/v1";

export const openrouter: Family = {
  name: "openrouter",
  wire: "chat completions",
  public_address: PUBLIC,
  tells_window: "list",
  // It sends a comment every few seconds while a provider is silent.
  idle_ms: 120_000,
  open: ({ base_url = PUBLIC, key = NO_KEY, ...connection }) =>
    openChat(connection, {
      name: "openrouter",
      baseURL: base_url,
      apiKey: key,
      transformRequestBody: inOpenRoutersWords(connection.model_id),
      metadataExtractor: keepReasoningDetails,
    }),
  placed: (body) => ({ ...chatOptions(body), reasoning_effort: body.at("reasoning.effort") }),
  readable: readableChat,
  cost: (raw_usage) => {
    const parsed = told.safeParse(raw_usage);
    if (!parsed.success) return null;
    const { cost, is_byok, cost_details } = parsed.data;
    if (is_byok !== true) return cost;
    const upstream = cost_details?.upstream_inference_cost ?? null;
    return upstream === null ? null : cost + upstream;
  },
};

/**
 * With the user's own key (`is_byok`) `cost` is OpenRouter's fee alone, and the vendor bills the inference separately
 * (source: OpenRouter, "Usage accounting").
 */
const told = z.looseObject({
  cost: z.number().nonnegative(),
  is_byok: z.boolean().nullish(),
  cost_details: z
    .looseObject({ upstream_inference_cost: z.number().nonnegative().nullish() })
    .nullish(),
});

/** Effort has its own field; Anthropic's models cache only when asked; reasoning is said once, in its exact form. */
function inOpenRoutersWords(model_id: string): Change {
  const cache = model_id.startsWith("anthropic/") ? { cache_control: { type: "ephemeral" } } : {};
  return ({ reasoning_effort, messages, ...body }) => ({
    ...body,
    ...cache,
    ...(reasoning_effort === undefined ? {} : { reasoning: { effort: reasoning_effort } }),
    messages: Array.isArray(messages) ? messages.map(withoutDouble) : messages,
  });
}

function withoutDouble(message: Record<string, unknown>): Record<string, unknown> {
  const { reasoning_content, ...rest } = message;
  return "reasoning_details" in message ? rest : message;
}

const chunk = z.looseObject({
  choices: z.array(
    z.looseObject({ delta: z.looseObject({ reasoning_details: reasoningDetails.nullish() }) }),
  ),
});

/** Signed or encrypted reasoning must go back as it came; the SDK puts what stands under this name into the message. */
const keepReasoningDetails: Extractor = {
  extractMetadata: async () => undefined,
  createStreamExtractor() {
    const pieces: ReasoningDetail[] = [];
    return {
      processChunk(value) {
        const parsed = chunk.safeParse(value);
        if (!parsed.success) return;
        pieces.push(...parsed.data.choices.flatMap(({ delta }) => delta.reasoning_details ?? []));
      },
      buildMetadata: () =>
        pieces.length === 0
          ? undefined
          : { openaiCompatible: { reasoning_details: mergeDetails(pieces) } },
    };
  },
};
