// Owns how servers tell tokens: where each form has which count, checked against the server's own total.
import type { Usage } from "../model.ts";

type Counts = Readonly<Record<string, unknown>>;
/** Paths at which a form tells a count; the first that is there counts. */
type Form = {
  /** Input, with what a cache held or took, or without where `inclusive` is false. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly cache_read: readonly string[];
  readonly cache_write: readonly string[];
  readonly reasoning: readonly string[];
  readonly total: readonly string[];
  /** Whether input holds the cached tokens, and output the reasoning; a total that says otherwise goes before. */
  readonly input_has_cached: boolean;
  readonly output_has_reasoning: boolean;
};

/** By the field that tells the form. Chat's also has the names that DeepSeek, Moonshot, xAI and gateways gave to their own. */
const FORMS: readonly (readonly [sign: string, form: Form])[] = [
  [
    "prompt_tokens",
    {
      input: ["prompt_tokens"],
      output: ["completion_tokens"],
      cache_read: [
        "prompt_tokens_details.cached_tokens",
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "input_tokens_details.cached_tokens",
        "cache_read_input_tokens",
      ],
      cache_write: [
        "prompt_tokens_details.cache_write_tokens",
        "prompt_tokens_details.cache_creation_input_tokens",
        "prompt_tokens_details.cache_creation_tokens",
        "cache_creation_input_tokens",
      ],
      reasoning: ["completion_tokens_details.reasoning_tokens", "reasoning_tokens"],
      total: ["total_tokens"],
      input_has_cached: true,
      output_has_reasoning: true,
    },
  ],
  [
    "promptTokenCount",
    {
      input: ["promptTokenCount"],
      output: ["candidatesTokenCount"],
      cache_read: ["cachedContentTokenCount"],
      cache_write: [],
      reasoning: ["thoughtsTokenCount"],
      total: ["totalTokenCount"],
      input_has_cached: true,
      output_has_reasoning: false,
    },
  ],
  [
    "input_tokens_details",
    {
      input: ["input_tokens"],
      output: ["output_tokens"],
      cache_read: ["input_tokens_details.cached_tokens"],
      cache_write: ["input_tokens_details.cache_write_tokens"],
      reasoning: ["output_tokens_details.reasoning_tokens"],
      total: ["total_tokens"],
      input_has_cached: true,
      output_has_reasoning: true,
    },
  ],
  [
    "input_tokens",
    {
      input: ["input_tokens"],
      output: ["output_tokens"],
      cache_read: ["cache_read_input_tokens"],
      cache_write: ["cache_creation_input_tokens"],
      reasoning: [
        "output_tokens_details.thinking_tokens",
        "output_tokens_details.reasoning_tokens",
      ],
      total: ["total_tokens"],
      input_has_cached: false,
      output_has_reasoning: true,
    },
  ],
];

/** Where a stream's events hold counts, in any of the families. */
const PLACES = [
  "usage",
  "usageMetadata",
  "message.usage",
  "response.usage",
  "x_groq.usage",
  "choices.0.usage",
];

/** All that one answer's events told, in the server's own form; undefined when they told nothing. */
export function mergeUsage(told: Counts | undefined, event: unknown): Counts | undefined {
  return PLACES.map((path) => at(event, path))
    .filter(isCounts)
    .reduce<Counts | undefined>(
      (sum, counts) => (sum === undefined ? counts : larger(sum, counts)),
      told,
    );
}

/**
 * Counts in our kinds: input without what a cache held or took, output with reasoning. Null when the server told none, or
 * no input: there is no request without tokens. Servers send what they like: the results are whole numbers of at least 0.
 */
export function usageIn(told: unknown): Usage | null {
  const form = FORMS.find(([sign]) => at(told, sign) !== undefined)?.[1];
  if (form === undefined) return null;
  const count = (paths: readonly string[]) => first(told, paths);
  const [input, total] = [count(form.input), count(form.total)];
  // Protobuf's JSON leaves out what is 0, such as the output of a filtered answer; the total then tells.
  const output = count(form.output) ?? (total === null ? null : 0);
  if (input === null || output === null) return null;
  const cache_read_tokens = count(form.cache_read) ?? 0;
  const cache_write_tokens = count(form.cache_write) ?? 0;
  const reasoning_tokens = count(form.reasoning) ?? 0;
  const cached = cache_read_tokens + cache_write_tokens;
  const shares = checked({ form, input, output, cached, reasoning: reasoning_tokens }, total);
  if (shares.input + cached + shares.output === 0 || input + cached === 0) return null;
  return {
    input_tokens: shares.input,
    output_tokens: shares.output,
    cache_read_tokens,
    cache_write_tokens,
    reasoning_tokens,
  };
}

type Parts = {
  readonly form: Form;
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly reasoning: number;
};

/**
 * Uncached input and whole output, read so that with the cached they make the server's own total: as its form usually
 * does, else with cached tokens or reasoning counted beside. What a total has more than any reading was made without
 * being told, as reasoning is: it counts as output.
 */
function checked({ form, input, output, cached, reasoning }: Parts, total: number | null) {
  const reading = (hasCached: boolean, hasReasoning: boolean) => ({
    input: hasCached ? Math.max(0, input - cached) : input,
    output: hasReasoning ? Math.max(output, reasoning) : output + reasoning,
  });
  const { input_has_cached: within, output_has_reasoning: inOutput } = form;
  const readings = [
    // A part cannot be more than the whole that is said to hold it.
    reading(within && cached <= input, inOutput && reasoning <= output),
    reading(within, !inOutput),
    reading(!within, inOutput),
    reading(!within, !inOutput),
  ] as const;
  const sum = (one: { input: number; output: number }) => one.input + cached + one.output;
  if (total === null || total === 0) return readings[0];
  const exact = readings.find((one) => sum(one) === total);
  if (exact !== undefined) return exact;
  const rest = Math.max(0, total - sum(readings[0]));
  return { ...readings[0], output: tokens(readings[0].output + rest) };
}

function first(told: unknown, paths: readonly string[]): number | null {
  for (const path of paths) {
    const value = at(told, path);
    const isText = typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value);
    const count = isText ? Number(value) : value;
    if (typeof count === "number" && Number.isFinite(count)) return tokens(count);
  }
  return null;
}

/** No call has more; sums of such counts stay exact. */
const MOST_TOKENS = 10 ** 12;

function tokens(count: number): number {
  return Math.min(Math.max(0, Math.ceil(count)), MOST_TOKENS);
}

/** Counts grow within a stream; an event that leaves one at 0 has not forgotten what was told before. */
function larger(left: Counts, right: Counts): Counts {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = left[key];
    if (isCounts(value) && isCounts(before)) merged[key] = larger(before, value);
    else if (typeof value === "number" && typeof before === "number")
      merged[key] = Math.max(before, value);
    else if (value !== null && value !== undefined) merged[key] = value;
  }
  return merged;
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

function isCounts(value: unknown): value is Counts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
