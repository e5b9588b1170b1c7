// Owns the names of models: which prefix leads to which provider, and which names are none.
import { UsageError } from "../core/fault.ts";
import { nearest } from "../core/nearest.ts";

/** Prefixes of names; two providers have a second one. */
const PROVIDER_OF = {
  anthropic: "anthropic",
  openai: "openai",
  gemini: "google",
  google: "google",
  openrouter: "openrouter",
  "openai-compatible": "openai-compatible",
  local: "openai-compatible",
  replay: "replay",
} as const;
type Prefix = keyof typeof PROVIDER_OF;
/** Who answers: a provider of models, or a recording. */
export type ProviderId = (typeof PROVIDER_OF)[Prefix];

/** Names of models that people write without their provider. */
const FAMILIAR: readonly (readonly [pattern: RegExp, prefix: Prefix])[] = [
  [/^claude-/, "anthropic"],
  [/^(gpt-|o\d|codex-)/, "openai"],
  [/^gemini-/, "gemini"],
];
const RECORDING = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:@+/-]*$/;
/** A server of one's own names its models as it likes: paths, `@cf/…`, `…#deployment`. */
const OWN_MODEL = /^[^\s\p{C}]+( +[^\s\p{C}]+)*$/u;
/** Also `@preset/NAME` and `~VENDOR/NAME`, which stand for models that are chosen there. */
const ROUTED_MODEL = /^[@~]?[A-Za-z0-9][A-Za-z0-9._:@+/-]*$/;
const FORMS_OF: Partial<Record<ProviderId, RegExp>> = {
  replay: RECORDING,
  openrouter: ROUTED_MODEL,
  "openai-compatible": OWN_MODEL,
};
const FORMS =
  "anthropic/NAME, openai/NAME, gemini/NAME, openrouter/NAME, local/NAME (with --base-url) or replay/NAME";

export type ModelParts = { readonly provider: ProviderId; readonly model: string };
/** Where a named provider's requests go instead of its public address. */
export type Address = { readonly base_url?: string | undefined };

/** `gemini/gemini-2.5-pro` → provider google, model gemini-2.5-pro. Throws UsageError as {@link checkModelName} does. */
export function modelParts(name: string): ModelParts {
  const slash = name.indexOf("/");
  const prefix = slash < 0 ? name : name.slice(0, slash);
  const model = slash < 0 ? "" : name.slice(slash + 1);
  if (!isPrefix(prefix)) throw unknownModel(name, { prefix, model });
  const provider = PROVIDER_OF[prefix];
  const form = FORMS_OF[provider] ?? MODEL;
  if (!form.test(model)) throw unknownModel(name);
  return { provider, model };
}

/**
 * Throws UsageError unless the name has the form of a model that can be opened: an unknown provider is answered with
 * the nearest one, a model on a server of one's own needs that server's address.
 */
export function checkModelName(name: string, { base_url }: Address = {}): void {
  const { provider } = modelParts(name);
  if (base_url === undefined) {
    if (provider === "openai-compatible")
      throw new UsageError(
        `${name} needs the address of its server: --base-url http://localhost:8000/v1`,
      );
    return;
  }
  if (provider === "replay")
    throw new UsageError(`${name} answers from a recording and asks no server: drop --base-url`);
  if (!/^https?:$/.test(URL.parse(base_url)?.protocol ?? ""))
    throw new UsageError(`--base-url "${base_url}" is no http or https address`);
}

function isPrefix(text: string): text is Prefix {
  return Object.hasOwn(PROVIDER_OF, text);
}

function unknownModel(name: string, wrong?: { prefix: string; model: string }): UsageError {
  const better = wrong && suggestion(name, wrong);
  const hint = better === undefined ? "" : `; did you mean "${better}"?`;
  return new UsageError(`unknown model ${JSON.stringify(name)}: models are ${FORMS}${hint}`);
}

function suggestion(name: string, { prefix, model }: { prefix: string; model: string }) {
  const familiar = FAMILIAR.find(([pattern]) => pattern.test(name));
  if (familiar) return `${familiar[1]}/${name}`;
  const best = nearest(prefix, Object.keys(PROVIDER_OF));
  return model === "" || best === undefined ? undefined : `${best}/${model}`;
}
