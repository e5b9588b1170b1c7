// Owns what judging would take: calls, tokens and dollars, before anything is asked.
import { sumOf } from "../core/lists.ts";
import type { Judged } from "../core/vocabulary.ts";
import { NO_USAGE } from "../model/model.ts";
import { modelParts } from "../model/names.ts";
import { openPrices } from "../model/prices.ts";
import type { JudgeUnit } from "./units.ts";

/** About four characters of English or code are a token; the provider counts exactly, and only afterwards. */
const CHARACTERS_PER_TOKEN = 4;
/** Tokens of an answer: a reason with quotes, or one line per message. Thinking comes on top. */
const VERDICT_TOKENS = 250;
const ACT_TOKENS = 20;

export type Estimate = {
  readonly measure: Judged;
  readonly calls: number;
  readonly answered: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** US dollars; null when the model's price is unknown. */
  readonly cost_usd: number | null;
};

/** One row per measure. Questions that must be asked twice are not included. Throws UsageError for a bad price file. */
export async function estimates(
  units: readonly JudgeUnit[],
  { model, prices_file }: { model: string; prices_file?: string | undefined },
): Promise<Estimate[]> {
  const prices = await openPrices({ file: prices_file });
  const named = modelParts(model);
  return [...Map.groupBy(units, ({ measure }) => measure)].map(([measure, all]) => {
    const todo = all.filter(({ done }) => !done);
    const input_tokens = roundSum(todo, (unit) => unit.characters / CHARACTERS_PER_TOKEN);
    const output_tokens = roundSum(todo, answerTokens);
    const usage = { ...NO_USAGE, input_tokens, output_tokens };
    const cost_usd = prices.cost(named.provider, named.model, usage);
    const answered = all.length - todo.length;
    return { measure, calls: todo.length, answered, input_tokens, output_tokens, cost_usd };
  });
}

function answerTokens({ measure, messages }: JudgeUnit): number {
  return measure === "speech act" ? messages * ACT_TOKENS : VERDICT_TOKENS;
}

function roundSum(units: readonly JudgeUnit[], tokens: (unit: JudgeUnit) => number): number {
  return Math.round(sumOf(units, tokens));
}
