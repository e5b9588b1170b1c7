// Owns asking a model's server how long its prompts may be, by the API of each program that reports it.
import { keyFor } from "../model/credentials.ts";
import { type Address, modelParts, rowOf } from "../model/names.ts";
import { tableWindow } from "../model/prices.ts";
import type { Family } from "../model/provider/family.ts";
import { loadFamily } from "../model/provider/registry.ts";

/** Tokens: what this server takes, and what the model itself was made for; `by` names the source. */
export type Window = { readonly served?: number; readonly made?: number; readonly by: string };

type Source = {
  readonly by: string;
  /** The path after the server's root, or after its version (`…/v1`) with `versioned`. */
  readonly path: (model: string) => string;
  readonly versioned?: true;
  readonly body?: (model: string) => object;
  readonly read: (answer: unknown, model: string) => Omit<Window, "by">;
};

const PATIENCE_MS = 5_000;
const LIST: Source = {
  by: "/models",
  path: () => "/models",
  versioned: true,
  read: (answer, model) => ofEntry(entryOf(answer, model)),
};
const ONE: Source = {
  by: "/models/NAME",
  path: (model) => `/models/${model}`,
  versioned: true,
  read: (answer) => ofEntry(answer),
};
/** Programs that report what they serve now come before those that report what a model could take. */
const OWN: readonly Source[] = [
  {
    by: "llama.cpp's /props",
    path: () => "/props",
    read: (answer) => served(at(answer, "default_generation_settings.n_ctx")),
  },
  {
    by: "Ollama's /api/ps",
    path: () => "/api/ps",
    read: (answer, model) => served(at(entryOf(answer, model), "context_length")),
  },
  {
    by: "Ollama's /api/show",
    path: () => "/api/show",
    body: (model) => ({ model }),
    read: (answer) => made(at(answer, "model_info"), /\.context_length$/),
  },
  {
    by: "LM Studio's /api/v0/models",
    path: (model) => `/api/v0/models/${model}`,
    read: (answer) => ({
      ...served(at(answer, "loaded_context_length")),
      ...made(answer, /^max_context_length$/),
    }),
  },
  LIST,
  {
    by: "/info",
    path: () => "/info",
    read: (answer) => served(at(answer, "max_total_tokens")),
  },
];
const SOURCES: Record<NonNullable<Family["tells_window"]>, readonly Source[]> = {
  program: OWN,
  list: [LIST],
  model: [ONE],
};

/** The model's window according to the server, else the price table; undefined when neither reports it. */
export async function windowOf(
  name: string,
  { base_url }: Address,
  signal: AbortSignal,
): Promise<Window | undefined> {
  const { provider, model } = modelParts(name);
  const { public_address, tells_window, keyHeaders = bearer } = await loadFamily(provider);
  const base = (base_url ?? public_address ?? "").replace(/\/+$/, "");
  const sources = base === "" || tells_window === undefined ? [] : SOURCES[tells_window];
  const key = keyFor(rowOf(name));
  const headers = key === undefined ? {} : keyHeaders(key);
  const all = await Promise.all(
    sources.map(async (source) => {
      const answer = await answerOf(source, { headers, model, base, signal });
      return { ...source.read(answer, model), by: source.by };
    }),
  );
  const told = all.find((one) => one.served !== undefined) ?? all.find((one) => one.made);
  if (told === undefined) {
    const listed = await tableWindow(provider, model);
    return listed === null ? undefined : { served: listed, by: "price table" };
  }
  const most = all.find((one) => one.made !== undefined)?.made;
  return { ...told, ...(most === undefined ? {} : { made: most }) };
}

type Place = {
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly base: string;
  readonly signal: AbortSignal;
};

/** The JSON that the server answers; undefined for anything else: most servers know one of these addresses at most. */
async function answerOf(source: Source, { headers, model, base, signal }: Place): Promise<unknown> {
  const root = source.versioned ? base : base.replace(/\/v\d\w*$/, "");
  const body = source.body && JSON.stringify(source.body(model));
  try {
    const response = await fetch(`${root}${source.path(model)}`, {
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      ...(body === undefined ? {} : { method: "POST", body }),
    });
    return response.ok ? await response.json() : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}

/** The entry of that name in any of the forms in which lists of models come. */
function entryOf(answer: unknown, model: string): unknown {
  const list = [at(answer, "data"), at(answer, "models"), answer].find(Array.isArray) ?? [];
  const names = (entry: unknown) => ["id", "name", "model", "slug"].map((key) => at(entry, key));
  const tagged = model.includes(":") ? model : `${model}:latest`;
  return list.find((entry: unknown) =>
    names(entry).some((name) => name === model || name === tagged),
  );
}

/** Servers name the same count differently: what is served takes precedence over what the model was made for. */
const SERVED = [
  "max_model_len",
  "meta.n_ctx",
  "loaded_context_length",
  "top_provider.context_length",
  "context_length",
  "context_window",
  "max_context_length",
  "max_input_tokens",
  "inputTokenLimit",
];

function ofEntry(entry: unknown): Omit<Window, "by"> {
  const first = SERVED.map((path) => at(entry, path)).find((value) => count(value) !== undefined);
  return { ...served(first), ...made(at(entry, "meta"), /^n_ctx_train$/) };
}

function served(value: unknown): { served?: number } {
  const tokens = count(value);
  return tokens === undefined ? {} : { served: tokens };
}

function made(fields: unknown, name: RegExp): { made?: number } {
  const entries = typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
  const tokens = count(entries.find(([key]) => name.test(key))?.[1]);
  return tokens === undefined ? {} : { made: tokens };
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}

function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (here, key) =>
        typeof here === "object" && here !== null
          ? Object.getOwnPropertyDescriptor(here, key)?.value
          : undefined,
      value,
    );
}
