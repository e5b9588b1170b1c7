// Owns the keys of the environment: which is whose, and that it is there.
import { UsageError } from "../fault.ts";
import { type Address, modelParts, type ProviderId } from "./names.ts";

/** Variables of each provider, the one to recommend first. Bun has already read `.env` into the environment. */
const VARIABLES: Record<ProviderId, readonly string[]> = {
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  google: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
  openrouter: ["OPENROUTER_API_KEY"],
  "openai-compatible": ["OPENAI_COMPATIBLE_API_KEY"],
  replay: [],
};
/** Every variable that Tandem itself reads a key or a token from. */
export const KEY_VARIABLES: readonly string[] = [...Object.values(VARIABLES).flat(), "HF_TOKEN"];

type Environment = Readonly<Record<string, string | undefined>>;

/** The provider's key, or undefined when none of its variables is set. */
export function keyFor(provider: ProviderId, env: Environment = process.env): string | undefined {
  return VARIABLES[provider].map((name) => env[name]?.trim()).find((value) => value);
}

/**
 * Throws UsageError naming the variable to set when the model's provider needs a key and there is none. A server of
 * one's own (`base_url`) may need none: it says so itself when it does.
 */
export function requireKey(
  name: string,
  { base_url }: Address = {},
  env: Environment = process.env,
): void {
  const { provider } = modelParts(name);
  const [variable] = VARIABLES[provider];
  if (variable === undefined || base_url !== undefined || provider === "openai-compatible") return;
  if (keyFor(provider, env) === undefined)
    throw new UsageError(`${name} needs a key: set ${variable} in the environment or in .env`);
}
