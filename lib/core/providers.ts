// Owns the rows of the registry of providers: names of models, keys, and addresses, as needed by code that calls no model.

export type ProviderRow = {
  /** What stands before the slash in names of models; the first is the one to recommend. */
  readonly prefixes: readonly string[];
  /** Variables that its key is read from, the one to recommend first; none: it needs no key. */
  readonly keys: readonly string[];
  /** Of its public address: the host, and the variables in which other programs look for another address. */
  readonly address?: { readonly host: string; readonly variables: readonly string[] };
  /** A server of the user's own: it must be named, and may do without a key. */
  readonly own_server?: true;
  /** A recording answers; no model is called. */
  readonly recording?: true;
  /** The price table knows its models. */
  readonly listed?: true;
  /** Names that its models may have, where they are not the usual ones. */
  readonly form?: RegExp;
  /** Names of its models that people write without a prefix. */
  readonly familiar?: RegExp;
};
export type ProviderRows = Readonly<Record<string, ProviderRow>>;

export const PROVIDER_ROWS = {
  anthropic: {
    prefixes: ["anthropic"],
    keys: ["ANTHROPIC_API_KEY"],
    address: { host: "api.anthropic.com", variables: ["ANTHROPIC_BASE_URL"] },
    listed: true,
    familiar: /^claude-/,
  },
  openai: {
    prefixes: ["openai"],
    keys: ["OPENAI_API_KEY"],
    address: { host: "api.openai.com", variables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"] },
    listed: true,
    familiar: /^(gpt-|o\d|codex-)/,
  },
  google: {
    prefixes: ["gemini", "google"],
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
    address: {
      host: "generativelanguage.googleapis.com",
      variables: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_BASE_URL"],
    },
    listed: true,
    familiar: /^gemini-/,
  },
  openrouter: {
    prefixes: ["openrouter"],
    keys: ["OPENROUTER_API_KEY"],
    address: {
      host: "openrouter.ai",
      variables: ["OPENROUTER_BASE_URL", "OPENROUTER_API_BASE"],
    },
    listed: true,
    // Also `@preset/NAME` and `~VENDOR/NAME`, which stand for models that are chosen there.
    form: /^[@~]?[A-Za-z0-9][A-Za-z0-9._:@+/-]*$/,
  },
  "openai-compatible": {
    prefixes: ["local", "openai-compatible"],
    keys: ["OPENAI_COMPATIBLE_API_KEY"],
    own_server: true,
    // The user's own server names its models as it likes: paths, `@cf/…`, `…#deployment`.
    form: /^[^\s\p{C}]+( +[^\s\p{C}]+)*$/u,
  },
  replay: {
    prefixes: ["replay"],
    keys: [],
    recording: true,
    form: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  },
} as const satisfies ProviderRows;

/** Who answers: a provider of models, or a recording. */
export type ProviderId = keyof typeof PROVIDER_ROWS;

/** Hosts of the providers' public addresses, by the prefixes of models' names. */
export const PUBLIC_HOSTS: ReadonlyMap<string, string> = new Map(
  Object.values<ProviderRow>(PROVIDER_ROWS).flatMap(({ prefixes, address }) =>
    prefixes
      .map((prefix) => [prefix, address?.host ?? ""] as const)
      .filter(([, host]) => host !== ""),
  ),
);
