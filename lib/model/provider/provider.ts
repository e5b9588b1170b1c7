// Owns the door to the providers of models: one request in, one answer or one ProviderError out.
import { keyFor, requireKey } from "../credentials.ts";
import { checkModelName, modelParts, type ProviderId } from "../names.ts";
import type { Provider, ProviderSpec } from "./contract.ts";
import type { Family } from "./family.ts";

export { type FailureKind, ProviderError } from "./error.ts";

type Asked = Exclude<ProviderId, "replay">;
const FAMILIES: Record<Asked, () => Promise<Family>> = {
  anthropic: async () => (await import("./anthropic.ts")).family,
  openai: async () => (await import("./openai.ts")).family,
  google: async () => (await import("./google.ts")).family,
  openrouter: async () => (await import("./compatible.ts")).openrouter,
  "openai-compatible": async () => (await import("./compatible.ts")).compatible,
};

/**
 * The model behind a name. Answers are streamed, although nobody watches: a stream that breaks off or falls silent is
 * noticed in minutes, and long answers do not run into the time limits of proxies on the way.
 * Throws UsageError for a name that is none, a missing key, and an option that the model would ignore.
 */
export async function openProvider(spec: ProviderSpec): Promise<Provider> {
  const { model: name, base_url, options, timeout_ms } = spec;
  checkModelName(name, { base_url });
  requireKey(name, { base_url });
  const { provider, model } = modelParts(name);
  if (provider === "replay") throw new TypeError(`${name} is a recording, not a provider's model`);
  const family = await FAMILIES[provider]();
  const connection = { model_id: model, base_url, key: keyFor(provider) };
  const { refuseIgnored } = await import("./options.ts");
  await refuseIgnored({ name, family, connection, options });
  const { callOnce, usageOfWhole } = await import("./call.ts");
  const author = `${provider}/${model}`;
  const idle_ms = Math.min(spec.idle_ms ?? family.idle_ms, timeout_ms);
  const { on_piece = () => undefined } = spec;
  const setup = { name, author, family, connection, options, timeout_ms, idle_ms, on_piece };
  return {
    provider_id: provider,
    model_id: model,
    tells_cost: family.cost !== undefined,
    call: (request, signal) => callOnce(setup, request, signal),
    usageOfWhole: (request, signal) => usageOfWhole(setup, request, signal),
  };
}
