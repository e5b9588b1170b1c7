// Owns the door to the providers of models: one request in, one answer or one ProviderError out.
import { keyFor, requireKey } from "../credentials.ts";
import { checkModelName, modelParts, rowOf } from "../names.ts";
import type { Provider, ProviderSpec } from "./contract.ts";
import { loadFamily, PROVIDERS, type Providers } from "./registry.ts";

export { type FailureKind, ProviderError } from "./error.ts";

/**
 * The model behind a name, of a provider of the registry. Answers are streamed, although they are not shown: a stream that
 * breaks off or falls silent is noticed in minutes, and long answers do not run into the time limits of proxies on the way.
 * Throws UsageError for an invalid name, a missing key, and an option that the model would ignore.
 */
export async function openProvider(
  spec: ProviderSpec,
  providers: Providers = PROVIDERS,
): Promise<Provider> {
  const { model: name, base_url, options, timeout_ms } = spec;
  checkModelName(name, { base_url }, providers);
  requireKey(name, { base_url }, process.env, providers);
  const { provider, model } = modelParts(name, providers);
  const family = await loadFamily(provider, providers);
  const connection = { model_id: model, base_url, key: keyFor(rowOf(name, providers)) };
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
