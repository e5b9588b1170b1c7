// Owns the names of models: which provider a name leads to, and which names are none.

import { UsageError } from "../core/fault.ts";
import { near } from "../core/nearest.ts";
import { PROVIDER_ROWS, type ProviderRow, type ProviderRows } from "../core/providers.ts";
import { orList } from "../core/text.ts";

const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:@+/-]*$/;

export type ModelParts = { readonly provider: string; readonly model: string };
/** Where a named provider's requests go instead of its public address. */
export type Address = { readonly base_url?: string | undefined };

/** `gemini/gemini-2.5-pro` → provider google, model gemini-2.5-pro. Throws UsageError as {@link checkModelName} does. */
export function modelParts(name: string, providers: ProviderRows = PROVIDER_ROWS): ModelParts {
  const slash = name.indexOf("/");
  const prefix = slash < 0 ? name : name.slice(0, slash);
  const model = slash < 0 ? "" : name.slice(slash + 1);
  const found = Object.entries(providers).find(([, { prefixes }]) => prefixes.includes(prefix));
  if (found === undefined) throw unknownModel(name, providers, { prefix, model });
  const [provider, { form = MODEL }] = found;
  if (!form.test(model)) throw unknownModel(name, providers);
  return { provider, model };
}

/** Whether a recording answers, and no model is called. Throws as {@link modelParts}. */
export function isRecording(name: string): boolean {
  return rowOf(name).recording === true;
}

/** What is known of the provider of a model without asking anybody. Throws as {@link modelParts}. */
export function rowOf(name: string, providers: ProviderRows = PROVIDER_ROWS): ProviderRow {
  const row = providers[modelParts(name, providers).provider];
  if (row === undefined) throw unknownModel(name, providers);
  return row;
}

/**
 * Throws UsageError unless the name has the form of a model that can be opened: an unknown provider is answered with
 * the nearest one, a model on a server of one's own needs that server's address.
 */
export function checkModelName(
  name: string,
  { base_url }: Address = {},
  providers: ProviderRows = PROVIDER_ROWS,
): void {
  const { own_server, recording } = rowOf(name, providers);
  if (base_url === undefined) {
    if (own_server === true)
      throw new UsageError(
        `${name} needs the address of its server: --base-url http://localhost:8000/v1`,
      );
    return;
  }
  if (recording === true)
    throw new UsageError(`${name} answers from a recording and calls no server: omit --base-url`);
  if (!/^https?:$/.test(URL.parse(base_url)?.protocol ?? ""))
    throw new UsageError(`--base-url "${base_url}" is not an http or https address`);
}

function unknownModel(
  name: string,
  providers: ProviderRows,
  wrong?: { prefix: string; model: string },
): UsageError {
  const better = wrong && suggestion(name, providers, wrong);
  const hint = better === undefined ? "" : `; did you mean "${better}"?`;
  const forms = orList(Object.values(providers).map(formOf));
  return new UsageError(`unknown model ${JSON.stringify(name)}: models are ${forms}${hint}`);
}

function formOf({ prefixes: [prefix], own_server }: ProviderRow): string {
  return `${prefix}/NAME${own_server === true ? " (with --base-url)" : ""}`;
}

function suggestion(
  name: string,
  providers: ProviderRows,
  { prefix, model }: { prefix: string; model: string },
) {
  const rows = Object.values(providers);
  const familiar = rows.find(({ familiar }) => familiar?.test(name) === true);
  if (familiar) return `${familiar.prefixes[0]}/${name}`;
  const best = near(
    prefix,
    rows.flatMap(({ prefixes }) => prefixes),
  );
  return model === "" || best === undefined ? undefined : `${best}/${model}`;
}
