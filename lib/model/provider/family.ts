// Owns what one provider's adapter must say of itself; everything else is the same for all.
import type {
  LanguageModelV4,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { ModelOptions } from "../model.ts";

export type Connection = {
  readonly model_id: string;
  /** Absent: the provider's public address. */
  readonly base_url: string | undefined;
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
};

/** Of a request's body (JSON), where each option went; undefined: it did not. */
export type Placed = Readonly<Record<keyof ModelOptions, unknown>>;

export type Family = {
  /** Its name in the registry. */
  readonly name: string;
  /** The wire that it speaks, for people. */
  readonly wire: string;
  /** With its version path; absent for servers that have none in public. */
  readonly public_address?: string;
  /** Where its server tells how long prompts may be: in its list of models, of each model, or as its program does. */
  readonly tells_window?: "list" | "model" | "program";
  /** The headers that carry a key, where it is not `authorization: Bearer`. */
  keyHeaders?(key: string): Readonly<Record<string, string>>;
  /** Longest silence within an answer that a living connection shows, milliseconds. */
  readonly idle_ms: number;
  open(connection: Connection): LanguageModelV4;
  /** The provider's own options for every call. */
  readonly provider_options?: SharedV4ProviderOptions;
  /** Last changes to a prompt, such as marks for its cache. */
  arrange?(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt;
  placed(body: Body): Placed;
  /** Made for each answer: of a stream's events, what the adapter can read of one; undefined omits it. */
  readable?(): (event: unknown) => unknown;
  /** US dollars as the provider itself told them in the usage of an answer. */
  cost?(raw_usage: unknown): number | null;
  /** What to try when a server does not know the address that was asked. */
  readonly unknown_address?: string;
};

/** A parsed request, read by paths: `body.at("generationConfig.seed")`. */
export type Body = { at(path: string): unknown };

/** Providers' SDKs insist on a key; a server of one's own that needs none ignores this. */
export const NO_KEY = "none";

export function bodyOf(json: string): Body {
  const root: unknown = JSON.parse(json);
  const step = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null
      ? Object.getOwnPropertyDescriptor(value, key)?.value
      : undefined;
  return { at: (path) => path.split(".").reduce(step, root) };
}
