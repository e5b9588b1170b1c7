// Owns how a model is asked: our options in the SDK's words, and the refusal of those a provider would ignore.
import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import { UsageError } from "../../core/fault.ts";
import type { ModelOptions } from "../model.ts";
import { bodyOf, type Connection, type Family } from "./family.ts";

type Asked = Pick<
  LanguageModelV4CallOptions,
  "temperature" | "topP" | "seed" | "maxOutputTokens" | "reasoning"
>;

export function callOptions(options: ModelOptions): Asked {
  const { temperature, top_p, seed, max_output_tokens, reasoning_effort } = options;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { topP: top_p }),
    ...(seed === undefined ? {} : { seed }),
    ...(max_output_tokens === undefined ? {} : { maxOutputTokens: max_output_tokens }),
    ...(reasoning_effort === undefined ? {} : { reasoning: reasoning_effort }),
  };
}

type Rehearsal = {
  readonly name: string;
  readonly family: Family;
  readonly connection: Omit<Connection, "fetch">;
  readonly options: ModelOptions;
};

/**
 * Throws UsageError naming an option that this model would not get as it was given. The SDK knows its models: it
 * prepares one request, which is caught before it leaves, and its warnings and the request itself tell.
 */
export async function refuseIgnored({ name, family, connection, options }: Rehearsal) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  const { warnings, sent } = await rehearse({ name, family, connection, options });
  const warning = warnings.find((one) => concerns(one, options));
  if (warning) throw new UsageError(`${name} cannot honour ${detailsOf(warning)}`);
  const placed = new Map(Object.entries(family.placed(bodyOf(sent))));
  const missing = given.find(([option]) => placed.get(option) === undefined);
  if (missing) throw new UsageError(`${name} would ignore ${missing[0]} ${missing[1]}: omit it`);
}

async function rehearse({ family, connection, options }: Rehearsal) {
  let sent = "{}";
  const caught = async (_: string | URL | Request, init?: RequestInit) => {
    sent = String(init?.body);
    return new Response("", { headers: { "content-type": "text/event-stream" } });
  };
  const model = family.open({
    ...connection,
    fetch: Object.assign(caught, { preconnect: fetch.preconnect }),
  });
  const { stream } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "?" }] }],
    ...(family.provider_options ? { providerOptions: family.provider_options } : {}),
    ...callOptions(options),
  });
  const warnings: SharedV4Warning[] = [];
  for await (const part of stream)
    if (part.type === "stream-start") warnings.push(...part.warnings);
  return { warnings, sent };
}

type Unmet = Extract<SharedV4Warning, { type: "unsupported" | "compatibility" }>;

/** An SDK also warns when it picks the output limit of a model it does not know, which nobody asked for. */
function concerns(warning: SharedV4Warning, options: ModelOptions): warning is Unmet {
  if (warning.type !== "unsupported" && warning.type !== "compatibility") return false;
  return warning.feature !== "maxOutputTokens" || options.max_output_tokens !== undefined;
}

const OPTION_OF: Readonly<Record<string, keyof ModelOptions>> = {
  topP: "top_p",
  maxOutputTokens: "max_output_tokens",
  reasoning: "reasoning_effort",
  reasoningEffort: "reasoning_effort",
};

function detailsOf({ feature, details }: Unmet): string {
  const option = OPTION_OF[feature] ?? feature;
  return details === undefined ? `${option}: omit it` : `${option}: ${details}`;
}
