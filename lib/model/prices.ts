// Owns what a call costs: the price table of a package, and a file of one's own over it.
import { readFileSync } from "node:fs";
import { z } from "zod";
import pkg from "../../package.json" with { type: "json" };
import { errorMessage, UsageError } from "../core/fault.ts";
import { PROVIDER_ROWS, type ProviderRows } from "../core/providers.ts";
import { NO_USAGE, type Usage } from "./model.ts";
import { modelParts } from "./names.ts";

const TABLE = "@pydantic/genai-prices";
const TOKENS_PER_PRICE = 1_000_000;
/** The table matches providers by resemblance ("openai-compatible" would be charged as OpenAI): ask it for these only. */
const isListed = (provider: string): boolean => {
  const rows: ProviderRows = PROVIDER_ROWS;
  return rows[provider]?.listed === true;
};

const dollars = z.number().nonnegative();
const price = z.strictObject({
  input: dollars,
  output: dollars,
  cache_read: dollars.optional(),
  cache_write: dollars.optional(),
});
const priceFile = z.strictObject({ models: z.record(z.string(), price) });
/** US dollars a million tokens. Cached tokens without a price of their own cost what input costs. */
export type Price = z.infer<typeof price>;

/** A price file by its path and its text, where it cannot be read. */
export type PriceText = { readonly path: string; readonly text: string };

export type Prices = {
  /** Package and version of the table, and the file over it: part of a run's configuration. */
  readonly source: string;
  /** US dollars; null when the price is unknown, which is not zero. `provider` is a provider's name, `at` the time of the call. */
  cost(provider: string, model: string, usage: Usage, at?: Date): number | null;
};

/**
 * Prices without the network. `file` is JSON: `{"models": {"openai/gpt-x": {"input": 1.25, "output": 10,
 * "cache_read": 0.125, "cache_write": 1.25}}}`, US dollars a million tokens, and wins over the table.
 * Throws UsageError naming the wrong field of the file.
 */
export async function openPrices({
  file: given,
}: {
  file?: string | PriceText | undefined;
} = {}): Promise<Prices> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  const file = typeof given === "string" ? given : given?.path;
  const own = given === undefined ? new Map<string, Price>() : readPrices(textOf(given));
  const table = `${TABLE} ${pkg.dependencies[TABLE]}`;
  return {
    source: file === undefined ? table : `${file} over ${table}`,
    cost(provider, model, usage, at = new Date()) {
      const mine = own.get(`${provider}/${model}`);
      if (mine) return costOf(usage, mine);
      if (!isListed(provider)) return null;
      const found = calcPrice(inclusive(usage), model, { providerId: provider, timestamp: at });
      return found?.total_price ?? null;
    },
  };
}

/** Whether a price of the model is known. */
export function isPriced(
  prices: Prices,
  { provider_id, model_id }: { readonly provider_id: string; readonly model_id: string },
): boolean {
  const some = { ...NO_USAGE, input_tokens: 1, output_tokens: 1 };
  return prices.cost(provider_id, model_id, some) !== null;
}

/** The context window that the price table knows of a model, tokens; null when it does not. */
export async function tableWindow(provider: string, model: string): Promise<number | null> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  if (!isListed(provider)) return null;
  const some = { input_tokens: 1, output_tokens: 1 };
  return calcPrice(some, model, { providerId: provider })?.model.context_window ?? null;
}

/** The table counts cached tokens as a part of the input, our usage beside it; output holds reasoning in both. */
function inclusive(usage: Usage) {
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage;
  return {
    input_tokens: input_tokens + cache_read_tokens + cache_write_tokens,
    output_tokens,
    cache_read_tokens,
    cache_write_tokens,
  };
}

function costOf(usage: Usage, { input, output, cache_read = input, cache_write = input }: Price) {
  const total =
    usage.input_tokens * input +
    usage.output_tokens * output +
    usage.cache_read_tokens * cache_read +
    usage.cache_write_tokens * cache_write;
  return total / TOKENS_PER_PRICE;
}

function readPrices({ path: file, text }: PriceText): Map<string, Price> {
  const parsed = priceFile.safeParse(parsedText({ path: file, text }));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${file}: ${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  return new Map(
    Object.entries(parsed.data.models).map(([name, value]) => [canonical(name, file), value]),
  );
}

/** `gemini/…` and `google/…` are one model. */
function canonical(name: string, file: string): string {
  try {
    const { provider, model } = modelParts(name);
    return `${provider}/${model}`;
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** Throws UsageError for a file that cannot be read. */
export function textOf(file: string | PriceText): PriceText {
  if (typeof file !== "string") return file;
  return { path: file, text: orNoPrices(file, () => readFileSync(file, "utf8")) };
}

function parsedText({ path, text }: PriceText): unknown {
  return orNoPrices(path, () => JSON.parse(text));
}

function orNoPrices<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = errorMessage(error);
    throw new UsageError(`${file} is not a price file: ${why}`);
  }
}
