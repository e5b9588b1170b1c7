// Owns the registry of providers: to each row of names, keys and addresses the file that it is loaded from when a model of its is asked.
import { PROVIDER_ROWS, type ProviderId, type ProviderRow } from "../../core/providers.ts";
import type { Family } from "./family.ts";

export type ProviderEntry = ProviderRow & {
  /** Absent for recordings, which ask nobody. */
  readonly load?: () => Promise<Family>;
};
export type Providers = Readonly<Record<string, ProviderEntry>>;

type Asked = Exclude<ProviderId, "replay">;
const LOADERS: Record<Asked, () => Promise<Family>> = {
  anthropic: async () => (await import("./anthropic.ts")).anthropic,
  openai: async () => (await import("./openai.ts")).openai,
  google: async () => (await import("./google.ts")).google,
  openrouter: async () => (await import("./openrouter.ts")).openrouter,
  "openai-compatible": async () => (await import("./compatible.ts")).compatible,
};

export const PROVIDERS: Providers = Object.fromEntries(
  Object.entries<ProviderRow>(PROVIDER_ROWS).map(([name, row]) => {
    const load = new Map(Object.entries(LOADERS)).get(name);
    return [name, load === undefined ? row : { ...row, load }];
  }),
);

/** What is particular of a provider. Throws TypeError for a recording. */
export async function loadFamily(name: string, providers: Providers = PROVIDERS): Promise<Family> {
  const family = await providers[name]?.load?.();
  if (family === undefined)
    throw new TypeError(`${name} is not a provider whose models can be called`);
  return family;
}
